/** What `osc doctor` prints for people. */
import type { Diagnosis, EngineDiagnosis } from '../engine/doctor';
import type { InstructionSet, Machine } from '../engine/machine';
import { countOf } from '../util/text';
import { formatTable, tableWidth } from './table';

const INSTRUCTIONS: Readonly<Record<InstructionSet, string>> = {
  'AVX-512': 'AVX-512',
  AVX2: 'AVX2',
  baseline: 'SSE2 (neither AVX2 nor AVX-512)',
  NEON: 'NEON',
};

const GIB = 2 ** 30;

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

function cores({ cores, hardwareThreads, usableThreads, limits }: Machine): string {
  const threads = countOf(hardwareThreads, 'hardware thread');
  const parts = [cores === null ? threads : `${countOf(cores, 'core')}, ${threads}`];
  if (usableThreads < hardwareThreads) parts.push(`${usableThreads} for this process`);
  if (limits.processors !== null) parts.push(`limited to the time of ${countOf(limits.processors, 'processor')}`);
  return parts.join(', ');
}

function memory({ memoryBytes, freeMemoryBytes, limits }: Machine): string {
  const limit = limits.memoryBytes === null ? 'no limit for this process' : `limited to ${gib(limits.memoryBytes)}`;
  return `${gib(memoryBytes)}, ${gib(freeMemoryBytes)} of it free, ${limit}`;
}

/** An engine takes a row for each thing there is to say of it. */
function engineRows({ name, summary, usable, needs, found, improve, notForAuto }: EngineDiagnosis): string[][] {
  const facts: [string, string | null][] = [
    ['needs', needs ?? 'nothing but Node'],
    ['found', found],
    ['not by auto', notForAuto],
    [usable ? 'faster' : 'to get it', improve],
  ];
  const rows = facts.flatMap(([what, text]) => (text === null ? [] : [['', '', what, text]]));
  return [[name, usable ? 'yes' : 'no', 'what', summary], ...rows];
}

export function describeDiagnosis(diagnosis: Diagnosis, width = tableWidth()): string {
  const { osc, node, machine, threads, engines, auto, problems } = diagnosis;
  const instructions = machine.instructionSet === null ? 'cannot be told here' : INSTRUCTIONS[machine.instructionSet];
  const verdict = node.isNewEnough ? 'new enough' : 'too old';
  const facts = [
    ['osc', osc],
    ['Node', `${node.version}, ${verdict}: ${node.needs} is needed`],
    ['Processor', `${machine.processor}, ${machine.architecture}, ${machine.platform}`],
    ['Instructions', instructions],
    ['Cores', cores(machine)],
    ['Threads', `${threads} for engines that have several; engine.threads=N changes it`],
    ['Memory', memory(machine)],
  ];
  return [
    ...facts.map(([what, text]) => `${what!.padEnd(12)}  ${text!}`),
    '',
    formatTable(['ENGINE', 'USABLE', '', ''], engines.flatMap(engineRows), width),
    '',
    ...(auto === null ? [] : [`engine.name=auto takes ${auto.engine}: ${auto.why}.`]),
    ...problems.map((problem) => `PROBLEM  ${problem}`),
  ].join('\n');
}
