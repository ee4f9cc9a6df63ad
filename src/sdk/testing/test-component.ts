import type { ComponentClass, ComponentManifest } from '../component';
import type { ComponentKind } from '../kinds';
import { isReportedError } from '../errors';
import { parseOptions } from '../options';
import { assert, assertEqual, thrownBy } from './assert';
import { readyBackend } from './backend';
import { architectureContract } from './contracts/architecture';
import { backboneContract } from './contracts/backbone';
import { callbackContract } from './contracts/callback';
import { contextOf, type ContractContext } from './contracts/context';
import { datasetContract } from './contracts/dataset';
import { evaluatorContract } from './contracts/evaluator';
import { figureContract } from './contracts/figure';
import { launcherContract } from './contracts/launcher';
import { lossContract } from './contracts/loss';
import { lrSchedulerContract } from './contracts/lr-scheduler';
import { optimizerContract } from './contracts/optimizer';
import { sweeperContract } from './contracts/sweeper';
import { objFnContract, objQueriesContract, poolingContract, posEmbedContract } from './contracts/tokens';
import { trackerContract } from './contracts/tracker';
import { createForTest, manifestFor, type TestSetup } from './create-for-test';
import { runnerOr, type Runner } from './runner';

/** Kinds without an entry are tested for their options alone. */
const CONTRACTS: Partial<Record<ComponentKind, (context: ContractContext) => void>> = {
  backbone: backboneContract,
  pooling: poolingContract,
  pos_embed: posEmbedContract,
  obj_queries: objQueriesContract,
  obj_fn: objFnContract,
  architecture: architectureContract,
  loss: lossContract,
  optimizer: optimizerContract,
  lr_scheduler: lrSchedulerContract,
  dataset: datasetContract,
  evaluator: evaluatorContract,
  callback: callbackContract,
  figure: figureContract,
  tracker: trackerContract,
  launcher: launcherContract,
  sweeper: sweeperContract,
};

export interface ComponentTest extends Omit<TestSetup, 'seed'> {
  /**
   * Names of parameters and inputs that get no gradient by design (a parameter in use only with some option, features
   * behind a stop-gradient). Everything else must get one.
   */
  readonly detached?: readonly string[];
  /** Title of the group of tests, where a class is tested with several options. */
  readonly title?: string;
  /** `describe` and `it`, where they are not globals (node:test). */
  readonly runner?: Runner;
}

/**
 * The contract tests of a component's kind: manifest and options, output shapes, finite gradients, determinism under a
 * seed, no tensor leak, save and load. Call it at the top of a test file.
 *
 * @example testComponent(RingQueries, { options: { num_objects: 4 } });
 */
export function testComponent(componentClass: ComponentClass, test: ComponentTest = {}): void {
  const { detached = [], title, ...setup } = test;
  const runner = runnerOr(test.runner);
  const manifest = manifestFor(componentClass);
  runner.describe(title ?? `contract of ${manifest.kind} "${manifest.name}"`, () => {
    testManifest(componentClass, manifest, setup, runner);
    // inside a test the backend is ready
    const ready: Runner = {
      describe: runner.describe,
      it: (name, body) => runner.it(name, () => readyBackend().then(body)),
    };
    CONTRACTS[manifest.kind]?.(contextOf(componentClass, setup, detached, ready));
  });
}

function testManifest(
  componentClass: ComponentClass,
  manifest: ComponentManifest,
  setup: TestSetup,
  { it }: Runner,
): void {
  const given = setup.options ?? {};

  it('has a summary of one line and a name that can be written in a config', async () => {
    assert(/^[A-Za-z][A-Za-z0-9_.()-]*$/.test(manifest.name), `"${manifest.name}" is not a name.`);
    assert(/^\S.*$/.test(manifest.summary), `The summary should be one line of text, not "${manifest.summary}".`);
  });

  it('has a default and a description for every option', async () => {
    for (const [key, schema] of Object.entries(manifest.options.shape)) {
      const { description } = schema as { description?: string };
      assert((description ?? '') !== '', `The option "${key}" has no description: add .describe('…').`);
      const optional = (schema as { safeParse(value: unknown): { success: boolean } }).safeParse(undefined).success;
      assert(optional || key in given, `The option "${key}" has no default, and the test gives no value.`);
    }
  });

  it('refuses an option it does not know', async () => {
    const error = thrownBy(() => parseOptions(manifest, { ...given, no_such_option: 1 }));
    assert(error !== null, 'The schema takes unknown options: make it strict (z.strictObject).');
    assert(isReportedError(error) && error.message.includes('no_such_option'), `The error is ${String(error)}.`);
  });

  it('gets its options back after a trip through JSON, as a config file and a checkpoint do', async () => {
    const options = parseOptions(manifest, given);
    const returned: unknown = JSON.parse(JSON.stringify(options));
    assertEqual(returned, options, 'The options after a trip through JSON');
    assertEqual(parseOptions(manifest, returned), options, 'The options after a second parse');
  });

  it('can be made with what a component of its kind may ask for', async () => {
    await readyBackend();
    const instance = createForTest<object>(componentClass, setup);
    const { dispose } = instance as { dispose?: () => void };
    dispose?.call(instance);
  });
}
