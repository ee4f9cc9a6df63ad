/** Figures of a third party: drawn with those of the box; one with a mistake costs no training. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createPluginProject, type PluginProject } from './plugin-project';
import { runCli, type CliResult } from './run-cli';
import { STEPS_PER_EPOCH, TINY, workingDirectory } from './training';

let project: PluginProject;
let result: CliResult;
const inRun = (path: string): string => join(project.dir, 'run', path);

beforeAll(async () => {
  project = createPluginProject();
  project.install(['osc-plugin-pictures', 'osc-plugin-open-losses']);
  project.enable(['osc-plugin-pictures', 'osc-plugin-open-losses']);
  const figures = ['data.viz.figures=[broken,segmentation,slot-centres,slot-maps]', 'data.viz.slot-centres.color=red'];
  const args = ['--plugin', 'painted_slots', ...figures, 'data.viz.epoch_interval=1', 'training.num_epochs=3'];
  const { env } = workingDirectory();
  result = await runCli(['train', ...TINY, ...args, '--run-dir', 'run'], { cwd: project.dir, env });
}, 120_000);
afterAll(() => project.remove());

test('training goes on to its end', () => {
  expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining(`3 epochs, ${3 * STEPS_PER_EPOCH} steps`) });
});

test('each is drawn when due; one that throws is reported once, with its package, and left out', () => {
  const epochs = [1, 2, 3].map((epoch) => `epoch-000${epoch}.png`);
  const drawn = ['segmentation', 'slot-centres', 'slot-maps'].flatMap((name) =>
    epochs.map((epoch) => `${name}-${epoch}`),
  );
  expect(readdirSync(inRun('figures')).sort()).toEqual(drawn);
  const last = drawn.filter((name) => name.includes('epoch-0003'));
  expect(result.stdout.match(/figures\/\S+/g)).toEqual(last.map((name) => `figures/${name}`));
  const log = readFileSync(inRun('train.log'), 'utf8');
  expect(log.match(/figure broken.*/g)).toEqual([
    expect.stringMatching(
      /^figure broken of osc-plugin-pictures failed and is left out from now on: .*undefined.*toString/,
    ),
  ]);
});

test('SVG is drawn on white, with the options of its section', async () => {
  const picture = sharp(inRun('figures/slot-centres-epoch-0003.png'));
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 4 * 64, height: 64, channels: 3 });
  expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  const reds = Array.from({ length: data.length / 3 }, (_, i) => data.readUIntBE(3 * i, 3)).filter(
    (rgb) => rgb === 0xff0000,
  );
  expect(reds.length).toBeGreaterThan(4 * 50); // at least a dot in each of the four squares
});

test('docs/plugins.md quotes a figure that draws', async () => {
  const source = readFileSync(join(project.sourceOf('osc-plugin-pictures'), 'slot-maps.js'), 'utf8');
  expect(readFileSync(join(__dirname, '../../docs/plugins.md'), 'utf8')).toContain(`\`\`\`js\n${source}\`\`\`\n`);
  const { width, height } = await sharp(inRun('figures/slot-maps-epoch-0003.png')).metadata();
  expect({ width, height }).toEqual({ width: 12 * 100 + 4, height: 26 + 4 * 100 });
});

test('segmentation shows the masks of a loss below each scene', async () => {
  const { width, height } = await sharp(inRun('figures/segmentation-epoch-0003.png')).metadata();
  expect({ width, height }).toEqual({ width: 14 * 100 + 4, height: 26 + 4 * 2 * 100 });
});
