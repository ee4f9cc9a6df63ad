/** What `+exp=scenes_recon` is for, on a few small scenes: masks are measured and drawn, also with another number of slots. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runJson } from './run-cli';
import { workingDirectory } from './training';

interface Summary {
  status: string;
  runDir: string;
  losses: Record<string, { first: number; last: number }>;
  evaluations: Record<string, { last: number }>;
}

const FEW_AND_SMALL = [
  ...['data.num_train=8', 'data.num_val=8', 'data.num_test=8', 'data.image_size=[32,40]', 'data.min_visible=4'],
  ...['data.crop_size=[16,16]', 'data.normalize.rows=null', 'data.num_workers=0', 'data.viz.max_samples=2'],
  ...['model.backbone.embed_dim=8', 'model.backbone.num_heads=2', 'training.batch_size=8', 'training.num_epochs=24'],
  ...['data.test.epoch_interval=1000', 'data.viz.epoch_interval=1000', 'training.checkpoint_interval=24'],
];

const place = workingDirectory();

test('+exp=scenes_recon trains slots by what they paint, with queries whose number may change', async () => {
  const args = ['train', '+exp=scenes_recon', 'model/obj_queries=sample', ...FEW_AND_SMALL];
  const { status, runDir, losses, evaluations } = await runJson<Summary>(args, place);
  expect(status).toBe('finished');
  expect(Object.keys(losses)).toEqual(['l_recon/train', 'l_recon/val']);
  expect(losses['l_recon/val']!.last).toBeLessThan(losses['l_recon/val']!.first);
  const ari = evaluations['test/l_recon/ari']!.last;
  for (const figure of ['reconstruction', 'segmentation']) {
    expect(existsSync(join(runDir, `figures/${figure}-epoch-0024.png`))).toBe(true);
  }
  const measure = async (...more: string[]) =>
    (await runJson<{ metrics: Record<string, number> }>(['evaluate', runDir, ...more], place)).metrics;
  expect((await measure())['test/l_recon/ari']).toBe(ari);
  const withThree = (await measure('--num-objects', '3'))['test/l_recon/ari'];
  expect(withThree).not.toBe(ari);
  expect(Number.isFinite(withThree)).toBe(true);
});
