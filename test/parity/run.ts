/** Running a folder of fixtures. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { handles, missingOf, type Adapter, type Context } from './adapter';
import { holds, worstOf, type Check } from './compare';
import { ADAPTERS } from './components';
import type { Fixture } from './fixture';
import { notComparedBy, unknownTo } from './unknown';

export type Outcome =
  | {
      readonly status: 'passed' | 'failed';
      readonly name: string;
      readonly worst: Check;
      readonly failures: readonly Check[];
      readonly leftOut: string | null;
    }
  | { readonly status: 'failed'; readonly name: string; readonly message: string }
  | { readonly status: 'skipped'; readonly name: string; readonly message: string };

/** The `*.json` files of a folder, by name. */
export function fixtureFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.json'))
    .map(({ name }) => join(folder, name))
    .sort();
}

function adapterOf(fixture: Fixture): Adapter | undefined {
  return ADAPTERS.find((adapter) => handles(adapter, fixture.component));
}

/** Why a fixture cannot be run, or null. */
function reasonNotToRun(fixture: Fixture, adapter: Adapter, context: Context): string | null {
  const unknown = unknownTo(adapter.knows, fixture);
  if (unknown.length > 0) return `not known of component '${fixture.component}': ${unknown.join(', ')}`;
  return missingOf(adapter.needs?.(fixture) ?? [], context);
}

export async function runFixture(fixture: Fixture, context: Context): Promise<Outcome> {
  const { name } = fixture;
  const adapter = adapterOf(fixture);
  if (adapter === undefined)
    return { status: 'failed', name, message: `component '${fixture.component}' is not known` };
  const reason = reasonNotToRun(fixture, adapter, context);
  if (reason !== null) return { status: 'failed', name, message: reason };
  tf.engine().startScope();
  try {
    const checks = await adapter.run(fixture, context);
    const worst = worstOf(checks);
    if (worst === undefined) return { status: 'failed', name, message: 'nothing was compared' };
    const failures = checks.filter((check) => !holds(check));
    const said = adapter.leavesOut?.(fixture) ?? '';
    const unsaid = outputsNotCompared(fixture, checks).filter((output) => !said.includes(output));
    if (unsaid.length > 0)
      return { status: 'failed', name, message: `not known, and not compared: ${unsaid.join(', ')}` };
    const leftOut = [said, ...notComparedBy(adapter.knows, fixture)].filter(Boolean).join(', ') || null;
    return { status: failures.length === 0 ? 'passed' : 'failed', name, worst, failures, leftOut };
  } catch (error) {
    return { status: 'failed', name, message: error instanceof Error ? error.message : String(error) };
  } finally {
    tf.engine().endScope();
  }
}

/** Recorded outputs that no check is of. */
function outputsNotCompared(fixture: Fixture, checks: readonly Check[]): string[] {
  const compared = new Set(checks.map(({ what }) => what));
  return [...fixture.group('outputs').keys()].map((name) => `outputs.${name}`).filter((name) => !compared.has(name));
}

/** A line for people: status, name, worst relative error, tolerance. */
export function describe(outcome: Outcome): string {
  const start = `${{ passed: 'pass', failed: 'FAIL', skipped: 'skip' }[outcome.status]}  ${outcome.name.padEnd(56)}`;
  if ('message' in outcome) return `${start}  ${outcome.message}`;
  const { what, error, tolerance } = outcome.worst;
  const more = outcome.failures.length > 1 ? `, and ${outcome.failures.length - 1} more` : '';
  const leftOut = outcome.leftOut === null ? '' : `; not compared: ${outcome.leftOut}`;
  return `${start}  error ${error.toExponential(1)}  tolerance ${tolerance.toExponential(0)}  ${what}${more}${leftOut}`;
}
