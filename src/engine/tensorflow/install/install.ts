/** `osc engine install tensorflow`. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RunError } from '../../../sdk/errors';
import type { Progress } from '../../../sdk/logger';
import { checkPackage } from '../check-package';
import { addonOf, packageFolder } from '../find';
import { installFolder } from '../folders';
import type { LoadedTensorflow } from '../load';
import { installCommand, packageOf, TFJS_NODE_VERSION, type Variant } from '../variant';
import { addonKey, compileAddon } from './addon';
import type { InstallContext } from './context';
import { lockInstall } from './install-lock';
import { unpackLibrary } from './library';
import { bytesIn } from './measure';
import { installOwnBinary } from './own-binary';
import { installPackages, packagesKey } from './packages';
import { lastLines, runProcess, type Run } from '../process';
import { requireRoom, requireWheel, thisMachine, type Machine } from './requirements';
import { Steps } from './steps';
import { checkTools, toolsOf } from './tools';
import { downloadWheel } from './wheel';
import type { Wheel } from './wheels';

export interface InstallRequest {
  readonly variant: Variant;
  /** Build on a wheel of PyPI instead of downloading tfjs-node's own binary. */
  readonly fromWheel: boolean;
  /** Replace what is installed. */
  readonly force: boolean;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
  readonly run?: Run;
  readonly machine?: Machine;
}

/** What is installed; kept in its folder. */
export interface InstalledEngine {
  readonly package: string;
  readonly version: string;
  /** File name of the wheel; null for tfjs-node's own binary. */
  readonly wheel: string | null;
  /** Version of the TensorFlow library. */
  readonly tensorflow: string;
}

export interface InstallOutcome extends InstalledEngine {
  readonly folder: string;
  /** On the disk. */
  readonly bytes: number;
  readonly alreadyInstalled: boolean;
  /** Whether TensorFlow can use a GPU here; null where that was not tried now. */
  readonly seesGpu: boolean | null;
}

const RECORD = 'engine.json';

/**
 * Installs into a folder beside the final one, which gets its name when TensorFlow was loaded from it and has computed.
 *
 * @throws UsageError before anything is downloaded: for tools, disk and platform
 * @throws RunError where a step fails; steps that are complete are kept for the next time
 */
export async function installTensorflow(request: InstallRequest): Promise<InstallOutcome> {
  const { variant, fromWheel, progress, signal, env = process.env, machine = thisMachine() } = request;
  const target = installFolder(variant, env);
  const installed = request.force ? null : readInstalled(target, variant);
  if (installed !== null) {
    return { ...installed, folder: target, bytes: bytesIn(target), alreadyInstalled: true, seesGpu: null };
  }
  const run = stoppable(request.run ?? runProcess, signal);
  const tools = toolsOf(env);
  const wheel = fromWheel ? requireWheel(variant, machine) : null;
  await checkTools(tools, fromWheel, run);
  const partial = partialFolder(target);
  if (wheel !== null) requireRoom(partial, wheel, machine);

  const unlock = await lockInstall(`${partial}.lock`);
  try {
    mkdirSync(partial, { recursive: true });
    const loaded = await build({ variant, folder: partial, tools, run, progress }, wheel);
    const record: InstalledEngine = {
      package: packageOf(variant),
      version: TFJS_NODE_VERSION,
      wheel: wheel?.file ?? null,
      tensorflow: loaded.version,
    };
    finish(partial, target, record);
    return { ...record, folder: target, bytes: bytesIn(target), alreadyInstalled: false, seesGpu: loaded.onGpu };
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    const flags = fromWheel ? ' --from-wheel' : '';
    throw new RunError('The installation was stopped.', `What is complete of it is kept in ${partial}.`, [
      installCommand(variant, flags),
    ]);
  } finally {
    unlock();
  }
}

/** Where it is put together: beside `target`, so that it can be renamed. */
export function partialFolder(target: string): string {
  return join(dirname(target), `.${basename(target)}.partial`);
}

async function build(context: InstallContext, wheel: Wheel | null): Promise<LoadedTensorflow> {
  const { variant, folder } = context;
  const steps = new Steps(join(folder, 'steps.json'));
  await steps.run('packages', packagesKey(variant), () => installPackages(context));
  if (wheel === null) {
    await steps.run('own binary', TFJS_NODE_VERSION, () => installOwnBinary(context));
  } else {
    await steps.run('wheel', wheel.sha256, () => downloadWheel(context, wheel));
    await steps.run('library', wheel.sha256, () => unpackLibrary(context, wheel));
    await steps.run('addon', addonKey(), () => compileAddon(context));
  }
  return check(context);
}

async function check({ variant, folder, run }: InstallContext): Promise<LoadedTensorflow> {
  const result = await checkPackage(packageFolder(folder, variant), variant, run);
  if ('version' in result) return result;
  rmSync(folder, { recursive: true, force: true }); // what was kept of it would fail the same way again
  throw new RunError(`${packageOf(variant)} was installed, but does not run here.`, lastLines(result), [
    ...(variant === 'gpu' ? [installCommand('cpu')] : []),
    'engine.name=auto',
  ]);
}

/** The one moment at which the engine is there. */
function finish(partial: string, target: string, record: InstalledEngine): void {
  for (const leftover of ['wheel', 'download', 'steps.json'])
    rmSync(join(partial, leftover), { recursive: true, force: true });
  writeFileSync(join(partial, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  const old = `${partial}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(target)) renameSync(target, old);
  renameSync(partial, target);
  rmSync(old, { recursive: true, force: true });
}

function readInstalled(target: string, variant: Variant): InstalledEngine | null {
  const file = join(target, RECORD);
  if (!existsSync(file) || addonOf(packageFolder(target, variant)) === null) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as InstalledEngine;
  } catch {
    return null; // a record that cannot be read is none: it is installed anew
  }
}

/** Every program is killed when the user stops, none is started after, and what a killed one said is no failure. */
function stoppable(run: Run, signal: AbortSignal | undefined): Run {
  return async (command, args, options) => {
    signal?.throwIfAborted();
    const finished = await run(command, args, { ...options, signal });
    signal?.throwIfAborted();
    return finished;
  };
}
