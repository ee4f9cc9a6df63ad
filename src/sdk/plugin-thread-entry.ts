/** Runs first in every thread of a plugin: see plugin-thread.ts, which starts it. */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { PluginThread, ThreadStart } from './plugin-thread';
import { requireRunningCopies } from './running-copies';

requireRunningCopies();

const { file, data } = workerData as ThreadStart;
(createRequire(__filename)(file) as PluginThread<unknown>).run(data, parentPort!);
