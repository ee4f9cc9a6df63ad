/** Small runs for tests, as they lie on disk. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface MadeRun {
  readonly config?: object;
  readonly overrides?: readonly string[];
  /** Value of `test/ari` after each epoch; as many epochs are done. */
  readonly ari?: readonly number[];
  readonly epochs?: number;
  readonly numEpochs?: number;
  /** Null: the session did not end in order. */
  readonly ended?: { readonly status: 'finished' | 'stopped'; readonly seconds: number } | null;
  readonly started?: string;
  readonly engine?: string;
  /** Lines of metrics.jsonl. */
  readonly log?: readonly object[];
}

/** Folder of the run. */
export function makeRun(folder: string, made: MadeRun = {}): string {
  const { config = {}, overrides = [], ari = [0.5, 0.25], epochs = ari.length, numEpochs = epochs, log = [] } = made;
  const { ended = { status: 'finished', seconds: 60 }, started = '2026-01-02T03:04:05.000Z', engine = 'native' } = made;
  mkdirSync(join(folder, 'evaluations'), { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), stringify({ training: { num_epochs: numEpochs }, ...config }));
  writeFileSync(join(folder, 'overrides.yaml'), stringify({ plugins: [], overrides }));
  const session = {
    ...{
      started,
      versions: { osc: '1.0.0' },
      engine: { name: engine, threads: 1, device: 'CPU' },
      plugins: [],
      command: [],
    },
    machine: { platform: 'linux-x64', cpu: 'a CPU', cores: 1, memoryBytes: 1 },
    ended,
  };
  writeFileSync(join(folder, 'environment.json'), JSON.stringify({ sessions: [session] }));
  writeFileSync(join(folder, 'metrics.jsonl'), log.map((line) => `${JSON.stringify(line)}\n`).join(''));
  ari.forEach((value, epoch) => {
    const metrics = { 'test/ari': value, 'test/blind': 0.1 };
    const descriptions = {
      'test/ari': { label: 'ARI', better: 'higher', headline: true },
      'test/blind': { label: 'ARI of a grid', better: 'higher', baseline: true },
    };
    const evaluation = { evaluator: 'e', options: {}, data: {}, metrics, descriptions };
    const point = { step: 10 * (epoch + 1), epoch, evaluations: [evaluation] };
    writeFileSync(join(folder, `evaluations/epoch-000${epoch + 1}.json`), JSON.stringify(point));
  });
  if (epochs > 0) makeCheckpoint(folder, epochs);
  return folder;
}

/** Without tensors: its state alone. */
function makeCheckpoint(run: string, epochs: number): void {
  const folder = join(run, `checkpoints/epoch-000${epochs}_step-000000${10 * epochs}`);
  mkdirSync(folder, { recursive: true });
  const state = {
    ...{ format: 1, position: { step: 10 * epochs, epoch: epochs, batch: 0 }, lossSums: {} },
    history: Array.from({ length: epochs }, (_, epoch) => ({
      epoch,
      train: { l_global: 4 - epoch },
      val: { l_global: 5 - epoch },
    })),
    ...{ lossWeights: {}, pendingEpochEnd: null, stopReason: null, callbacks: {}, sha256: {} },
  };
  const self = createHash('sha256').update(JSON.stringify(state)).digest('hex');
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ ...state, self }));
}

/** A sweep of runs with two sizes and three seeds each, by number; folder of the sweep. */
export function makeSweep(folder: string): string {
  const ari = [0.2, 0.9, 0.4, 0.5, 0.9, 0.7];
  ari.forEach((last, i) => {
    const [dim, seed] = [i % 2 === 0 ? 32 : 64, Math.floor(i / 2)];
    makeRun(join(folder, `00${i}`), {
      config: {
        model: { backbone: { embed_dim: dim } },
        data: { train: { seed } },
        other: { seed },
        logging: { name: `embed_dim=${dim}` },
      },
      overrides: [`model.backbone.embed_dim=${dim}`, `other.seed=${seed}`, `data.train.seed=${seed}`],
      ari: [0.1, last],
    });
  });
  writeFileSync(join(folder, 'sweep.yaml'), '');
  return folder;
}
