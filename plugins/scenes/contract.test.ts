import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testComponent } from 'osc-trainer/sdk/testing';
import { Scenes } from './index';

const cache = mkdtempSync(join(tmpdir(), 'scenes-contract-'));
afterAll(() => {
  rmSync(cache, { recursive: true });
});

testComponent(Scenes, {
  options: { num_train: 5, num_val: 3, num_test: 4, image_size: [40, 56], cache_dir: cache, threads: 1 },
});
