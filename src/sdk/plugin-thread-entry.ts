/** Runs first in every thread of a plugin: see plugin-thread.ts, which starts it. */
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { PluginThread, ThreadStart } from './plugin-thread';

const SDK = join(__dirname, 'index.js');

type Resolve = (this: unknown, request: string, ...rest: unknown[]) => string;
const internals = Module as unknown as { _resolveFilename: Resolve };
const original = internals._resolveFilename;
internals._resolveFilename = function (request, ...rest) {
  return request === 'osc-trainer/sdk' ? SDK : original.call(this, request, ...rest);
};

const { file, data } = workerData as ThreadStart;
(createRequire(__filename)(file) as PluginThread<unknown>).run(data, parentPort!);
