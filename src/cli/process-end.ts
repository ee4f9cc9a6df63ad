/**
 * How the process ends. What ends it other than by {@link endProcess}, or after its command, is a fault that is told: code of others
 * that leaves in the middle, an event loop with nothing left to wait for, an error that nobody caught.
 */
import { PluginError, UsageError } from '../sdk/errors';
import { foreignCode, ownerOf, waitingFor } from '../util/foreign-code';
import { tellProcessFault } from '../util/process-fault';
import { messageOf, stackOf } from '../util/thrown';

let decided = false;

/** Code of a config file that ends the process, or waits for ever. It is the user's own, and the exit code is that of an unfinished command. */
export class ConfigFileFault extends Error {
  override readonly name = 'ConfigFileFault';
}

/** Ends the process on purpose. */
export function endProcess(exitCode: number): never {
  decided = true;
  process.exit(exitCode);
}

/** The command has done its work: from now on the process may end by itself. */
export function commandFinished(): void {
  decided = true;
}

/**
 * @param report prints an error and ends the process with its code
 * @param reportNow the same, without waiting: the process is ending
 */
export function watchProcessEnd(report: (error: unknown) => void, reportNow: (error: unknown) => void): void {
  const fatal = (error: unknown): void => {
    const told = explainUncaught(error);
    tellProcessFault(told);
    report(told);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  process.on('exit', () => {
    if (decided) return;
    decided = true;
    const told = explainEarlyEnd();
    tellProcessFault(told);
    reportNow(told);
  });
}

/** An error that no code caught: of a plugin's timer or promise, most likely. */
function explainUncaught(error: unknown): unknown {
  const stack = stackOf(error);
  const owner = ownerOf(stack);
  if (owner?.kind === 'plugin') {
    const what = `Code of the plugin ${owner.name} threw, and nobody waited for it: ${messageOf(error)}`;
    return new PluginError([owner.name], what, error);
  }
  if (owner !== undefined) {
    return new UsageError(`Code of the ${owner.kind} ${owner.name} threw, and nobody waited for it: ${stack}`);
  }
  // what has no stack may be anybody's
  const plugins = /^\s+at /m.test(stack) ? [] : pluginNames();
  if (plugins.length === 0) return error;
  const what = `${messageOf(error)} was thrown, which is no error, and nobody waited for it.`;
  return new PluginError(plugins, `${what} Code of others that is loaded: ${plugins.join(', ')}.`, undefined);
}

function pluginNames(): string[] {
  return foreignCode()
    .filter(({ kind }) => kind === 'plugin')
    .map(({ name }) => name);
}

/** Called as the process ends: who called for it stands in the stack; without a caller nothing was left to wait for. */
function explainEarlyEnd(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const here = new Error('Called from here.');
  Error.stackTraceLimit = stackTraceLimit;
  const stack = here.stack ?? '';
  const wasAsked = /^\s+at (process\.)?(reallyExit|exit) /m.test(stack);
  const how = wasAsked ? 'process.exit() was called' : 'nothing is left that could go on: a promise was never resolved';
  const waited = waitingFor().at(-1);
  const what = `The command has not finished, and ${how}${waited === undefined ? '' : `, in ${waited}`}.`;
  const owner = wasAsked ? ownerOf(stack) : undefined;
  if (owner?.kind === 'plugin') return new PluginError([owner.name], `${what} Code of ${owner.name} did it.`, here);
  const inConfigFile = waited?.startsWith('the config file ') ?? false;
  if (owner?.kind === 'config file' || (owner === undefined && inConfigFile)) return new ConfigFileFault(what);
  const all = foreignCode().map(({ kind, name }) => `the ${kind} ${name}`);
  const whose = owner === undefined ? all : [`the ${owner.kind} ${owner.name}`];
  if (whose.length === 0) return new Error(what);
  return new PluginError(
    owner === undefined ? foreignCode().map(({ name }) => name) : [owner.name],
    `${what} Code of others that is loaded: ${whose.join(', ')}.`,
    wasAsked ? here : undefined,
  );
}
