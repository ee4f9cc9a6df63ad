/** The pictures of a results page: courses over epochs, and figures of runs. */
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CurvePlot } from '../../sdk';
import { countAxis, niceRange, plotLabel, writeCurvePlot } from '../../visualization';
import type { NamedRun, RunGroup } from './group-runs';
import { courseOf, headlineMeasures, valueOf } from './measures';
import { medianIndex } from './statistics';

export interface PagePicture {
  /** In words. */
  readonly caption: string;
  /** In the folder of the page. */
  readonly file: string;
}

export interface GroupPictures {
  readonly curves: readonly PagePicture[];
  readonly figures: readonly PagePicture[];
  /** The run whose figures they are. */
  readonly figuresOf: NamedRun | null;
}

/** Names of pictures that this writes; others in the folder are left alone. */
const OWN_PICTURE = /^\d\d-[\w-]+\.png$/;
const PNG_SIGNATURE = '89504e470d0a1a0a';

export async function removePictures(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder)) if (OWN_PICTURE.test(file)) await rm(join(folder, file));
}

/** @param number of the group, from 1 */
export async function drawGroup({ runs }: RunGroup, number: number, folder: string): Promise<GroupPictures> {
  const prefix = String(number).padStart(2, '0');
  const curves: PagePicture[] = [];
  for (const { caption, plot } of [...metricPlots(runs), ...lossPlots(runs)]) {
    const file = `${prefix}-${plot.name}.png`;
    await writeCurvePlot(plot, join(folder, file));
    curves.push({ caption, file });
  }
  const figuresOf = typicalRun(runs);
  const figures: PagePicture[] = [];
  for (const [name, path] of figuresOf?.figures ?? []) {
    if ((await readFile(path)).subarray(0, 8).toString('hex') !== PNG_SIGNATURE) continue;
    const file = `${prefix}-figure-${name}.png`;
    await copyFile(path, join(folder, file));
    figures.push({ caption: name, file });
  }
  return { curves, figures, figuresOf: figures.length > 0 ? figuresOf : null };
}

/** Of those that have figures the one whose first headline is the median. */
function typicalRun(runs: readonly NamedRun[]): NamedRun | null {
  const able = runs.filter(({ figures, progress }) => figures.size > 0 && progress?.finished === true);
  if (able.length === 0) return null;
  const [headline] = headlineMeasures(able);
  return able[headline === undefined ? 0 : medianIndex(able.map((run) => valueOf(run, headline)))]!;
}

interface Captioned {
  readonly caption: string;
  readonly plot: CurvePlot;
}

function metricPlots(runs: readonly NamedRun[]): Captioned[] {
  return headlineMeasures(runs).flatMap(({ metric, row, column }) => {
    const label = row === 'model' ? column : `${column} (${row})`;
    return plotOf(label, metric, runs, (run) => courseOf(run, metric));
  });
}

function lossPlots(runs: readonly NamedRun[]): Captioned[] {
  const keys = new Set(runs.flatMap(({ history }) => history.flatMap(({ train }) => Object.keys(train))));
  return [...keys].flatMap((key) =>
    plotOf(`loss ${key}, training`, `loss-${key}`, runs, ({ history }) =>
      history.flatMap(({ epoch, train }): [number, number][] =>
        train[key] === undefined ? [] : [[epoch + 1, train[key]]],
      ),
    ),
  );
}

type Point = readonly [number, number];

/** Nothing where there is no line to draw. */
function plotOf(
  label: string,
  name: string,
  runs: readonly NamedRun[],
  courseOfRun: (run: NamedRun) => readonly Point[],
): Captioned[] {
  const curves = runs
    .map((run) => ({ label: plotLabel(run.name), points: courseOfRun(run) }))
    .filter(({ points }) => points.length > 1);
  if (curves.length === 0) return [];
  const points = curves.flatMap((curve) => curve.points);
  const plot: CurvePlot = {
    name: name.replace(/[^a-z0-9]+/gi, '-').toLowerCase(),
    x: countAxis('epoch', Math.max(...points.map(([epoch]) => epoch))),
    y: { label: plotLabel(label), range: niceRange(points.map(([, value]) => value)) },
    curves,
  };
  return [{ caption: label, plot }];
}
