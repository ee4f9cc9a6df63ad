/** What `+exp=scenes` is for, on a few small scenes: one epoch of it measures the slots as masks and as answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runJson } from './run-cli';
import { workingDirectory } from './training';

interface Summary {
  status: string;
  runDir: string;
  epochs: number;
  evaluations: Record<string, { first: number | null; last: number }>;
}

interface Evaluations {
  evaluations: { evaluator: string; options: object; metrics: Record<string, number> }[];
}

const TABLE = ['test/iou/by_img_no_bg', 'test/dice/by_img_no_bg', 'test/ari', 'test/fg_ari', 'test/mbo', 'vqa/ap'];

const FEW_AND_SMALL = [
  'data.num_train=8',
  'data.num_val=8',
  'data.num_test=8',
  'data.image_size=[32,40]',
  'data.min_visible=4',
  'data.crop_size=[16,16]',
  'data.num_workers=0',
  'data.viz.max_samples=0',
  'data.test.vqa.num_epochs=5',
  'model.backbone.embed_dim=8',
  'model.backbone.num_heads=2',
  'training.batch_size=8',
];

const place = workingDirectory();

test.each(['learned', 'sample', 'kmeans_euclidean'])(
  '+exp=scenes with queries %s: the first and the last epoch have every number of the table',
  async (queries) => {
    const args = ['train', '+exp=scenes', `model/obj_queries=${queries}`, ...FEW_AND_SMALL];
    // three epochs, to see that the second one is not measured
    const summary = await runJson<Summary>([...args, 'training.num_epochs=3'], place);
    expect(summary).toMatchObject({ status: 'finished', epochs: 3 });
    for (const metric of TABLE) {
      const { first, last } = summary.evaluations[metric]!;
      expect([first, last].every(Number.isFinite)).toBe(true);
    }
    const measured = readFileSync(join(summary.runDir, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>)
      .filter((line) => 'vqa/ap' in line);
    expect(measured.map(({ epoch }) => epoch)).toEqual([0, 2]);
    expect(measured[1]!['vqa/ap']).toBe(summary.evaluations['vqa/ap']!.last);

    const { evaluations } = JSON.parse(
      readFileSync(join(summary.runDir, 'evaluations/epoch-0003.json'), 'utf8'),
    ) as Evaluations;
    expect(evaluations).toMatchObject([
      { evaluator: 'segmentation', options: { attention: 'first' } },
      { evaluator: 'vqa', options: { num_epochs: 5, split: 0.75 } },
    ]);
  },
);
