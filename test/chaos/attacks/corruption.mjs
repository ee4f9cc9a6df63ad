import { cpSync, existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { damage, filesBelow } from '../damage.mjs';
import { describeEnd } from '../osc.mjs';
import { checkpointsOf, TRAININGS } from '../tiny-run.mjs';

/**
 * What cannot be told from a file that was never damaged: text without a checksum, which people may edit. A part of the result by the
 * file that it is read from; the weights are none of it.
 */
const UNTOLD = {
  'metrics.jsonl': ['metrics.jsonl'],
  evaluations: ['evaluations'],
  figures: ['figures'],
  'train.log.jsonl': ['train.log.jsonl'],
  [join('checkpoints', 'best')]: ['the best checkpoint'],
};

const COMMANDS = {
  resume: (runDir) => ['train', '--resume', runDir],
  evaluate: (runDir) => ['evaluate', runDir, '--json'],
  export: (runDir) => ['export', runDir, '--format', 'safetensors', '--output', `${runDir}.safetensors`, '--force'],
  'train --init-from': (runDir) => ['train', ...TRAININGS.plain, '--init-from', runDir, '--run-dir', `${runDir}-next`],
};

/** A file of a run that was stopped. */
async function ofRun(round) {
  const { draws } = round;
  const name = draws.pick(['plain', 'figures']);
  const stopped = await round.lab.stopped(name);
  const runDir = round.newRunDir();
  cpSync(stopped, runDir, { recursive: true });
  const files = filesBelow(runDir);
  // half of the time one of those that decide what is computed
  const deciding = files.filter((file) =>
    /config|overrides|environment|metrics|checkpoints/.test(relative(runDir, file)),
  );
  const file = draws.pick(draws.chance(0.5) ? deciding : files);
  const { how, repair } = damage(file, draws);
  const command = draws.pick(['resume', 'resume', ...Object.keys(COMMANDS)]);
  const place = relative(runDir, file);
  round.note(`${place}: ${how}; ${command} of a run (${name})`);
  const mayDiffer = isOtherConfig(file, join(stopped, place));
  const end = await round.start(COMMANDS[command](runDir)).done;
  round.expectNoBug(end, `${command} of a damaged run`);
  if (end.code !== 0) {
    expectNamed(round, end, file);
    const isCheckpoint = place.startsWith(`checkpoints${sep}epoch-`) && checkpointsOf(stopped).length > 1;
    round.expect(
      !(isCheckpoint && command === 'resume'),
      'a resume takes the checkpoint before a broken one',
      describeEnd(end),
    );
    // what is said to be broken is not made worse
    repair();
    round.note('repaired, and resumed');
    const again = await round.resume(runDir).done;
    round.expect(again.code === 0, 'once it is repaired the run goes on', describeEnd(again));
    return round.expectSameResult(name, runDir);
  }
  if (mayDiffer) return round.note('it is another config now, and a valid one');
  if (command === 'resume') {
    expectLines(round, runDir);
    await round.expectSameResult(name, runDir, untold(place));
  } else if (command === 'evaluate') {
    const { evaluations } = JSON.parse(end.stdout);
    const isSame = isDeepStrictEqual(evaluations, await round.lab.evaluations(name));
    round.expect(isSame, 'the metrics of the run that is not damaged', JSON.stringify(evaluations).slice(0, 2000));
  } else if (command === 'export') {
    const [mine, other] = [`${runDir}.safetensors`, await round.lab.exported(name)].map((path) => readFileSync(path));
    round.expect(mine.equals(other), 'the weights of the run that is not damaged', 'others');
  }
}

/** A file of the cache: it may cost an error, and never another result. */
async function ofCache(round) {
  const { draws, lab } = round;
  const name = 'figures';
  const reference = await lab.reference(name);
  const cache = join(round.folder, 'cache');
  cpSync(lab.env.XDG_CACHE_HOME, cache, { recursive: true });
  const file = draws.pick(filesBelow(cache));
  const { how, repair } = damage(file, draws);
  round.note(`cache, ${relative(cache, file)}: ${how}`);
  const env = { XDG_CACHE_HOME: cache };
  const runDir = round.newRunDir();
  const end = await round.train(name, runDir, { env }).done;
  round.expectNoBug(end, 'a training with a damaged cache');
  if (end.code === 0) return round.expectSameResult(name, runDir);
  expectNamed(round, end, file);
  repair();
  const next = round.newRunDir();
  const again = await round.train(name, next, { env }).done;
  round.expect(again.code === 0, 'once it is repaired the same command trains', describeEnd(again));
  return round.expectSameResult(reference.name, next);
}

function expectNamed(round, end, file) {
  const text = end.stdout + end.stderr;
  const isNamed = [file, dirname(file)].some((path) => text.includes(basename(path)));
  round.expect(
    (end.code === 1 || end.code === 2) && isNamed,
    `code 1 or 2, and ${basename(file)} is named`,
    describeEnd(end),
  );
}

/** A flipped bit can make a valid config of another training, and nothing says which one was meant. */
function isOtherConfig(file, before) {
  if (basename(file) !== 'config.yaml' || !existsSync(file) || !statSync(file).isFile()) return false;
  try {
    return !isDeepStrictEqual(...[file, before].map((path) => parse(readFileSync(path, 'utf8'))));
  } catch {
    return true; // whether osc takes it is for osc to say
  }
}

function untold(place) {
  return Object.entries(UNTOLD).flatMap(([start, parts]) => (place.startsWith(start) ? parts : []));
}

/** Whatever was damaged, what a resume leaves can be read line by line. */
function expectLines(round, runDir) {
  const lines = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  for (const line of lines) {
    try {
      JSON.parse(line);
    } catch (error) {
      round.expect(
        false,
        'each line of metrics.jsonl is JSON after a resume',
        `${error.message}: ${line.slice(0, 200)}`,
      );
    }
  }
}

export const corruption = {
  name: 'corruption',
  what: 'a file of a run or of the cache damaged: an error that names it, or the right result',
  run: (round) => (round.draws.chance(0.3) ? ofCache(round) : ofRun(round)),
};
