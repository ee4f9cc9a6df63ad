/** `osc doctor`: what there is to compute with, and what `auto` makes of it. */
import { isReportedError } from '../sdk/errors';
import { detectEngines, ENGINES, pickEngine } from './engine';
import type { Engine } from './contract';
import { defaultThreads, readMachine, type Machine } from './machine';

export interface EngineDiagnosis {
  readonly name: string;
  readonly summary: string;
  readonly usable: boolean;
  /** What it needs besides Node and osc; null: nothing. */
  readonly needs: string | null;
  readonly found: string;
  /** How to get it, or more out of it. */
  readonly improve: string | null;
  /** It is usable, and `auto` passes it over: why. */
  readonly notForAuto: string | null;
}

export interface Diagnosis {
  readonly osc: string;
  readonly node: {
    readonly version: string;
    /** A range, as in `package.json`. */
    readonly needs: string;
    readonly isNewEnough: boolean;
  };
  readonly machine: Machine;
  /** What `engine.threads=null` stands for. */
  readonly threads: number;
  /** Fastest first. */
  readonly engines: readonly EngineDiagnosis[];
  /** What `engine.name=auto` takes; null where no engine is usable. */
  readonly auto: { readonly engine: string; readonly why: string } | null;
  /** What stands in the way of training: whole sentences. */
  readonly problems: readonly string[];
}

/** @param range `>=20.19.0` */
export function isNewEnough(version: string, range: string): boolean {
  const numbers = (text: string): number[] => text.replace(/^\D+/, '').split('.').map(Number);
  const [has, needs] = [numbers(version), numbers(range)];
  const index = needs.findIndex((number, i) => number !== has[i]);
  return index === -1 || has[index]! > needs[index]!;
}

export interface Subject {
  /** Of osc. */
  readonly version: string;
  /** `engines.node` of osc's package.json. */
  readonly nodeRange: string;
  /** Default: those there are. */
  readonly engines?: readonly Engine[];
  /** Default: that of this process. */
  readonly nodeVersion?: string;
}

export async function diagnose({
  version,
  nodeRange,
  engines = ENGINES,
  nodeVersion = process.versions.node,
}: Subject): Promise<Diagnosis> {
  const detected = await detectEngines(engines);
  const problems: string[] = [];
  const newEnough = isNewEnough(nodeVersion, nodeRange);
  if (!newEnough) problems.push(`Node ${nodeVersion} is too old: osc needs ${nodeRange}.`);
  let auto: Diagnosis['auto'] = null;
  try {
    const { engine, why } = pickEngine(detected);
    auto = { engine: engine.name, why };
  } catch (error) {
    if (!isReportedError(error)) throw error;
    problems.push(error.message);
  }
  return {
    osc: version,
    node: { version: nodeVersion, needs: nodeRange, isNewEnough: newEnough },
    machine: readMachine(),
    threads: defaultThreads(),
    engines: detected.map(({ engine: { name, summary }, detection }) => {
      const { usable, found, needs = null, improve = null, notForAuto = null } = detection;
      return { name, summary, usable, needs, found, improve, notForAuto };
    }),
    auto,
    problems,
  };
}
