/** Trained models as files for other programs. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { chooseEngine } from '../engine';
import { exportOnnx, type OnnxExport } from '../export';
import { readStateDict, type Model } from '../model';
import { createRunLog } from '../run';
import { encodeSafetensors, UsageError } from '../sdk';
import { writeFileAtomically } from '../sdk/data';
import { expandHome } from '../util/home';
import type { Reporting, TrainedInput } from './input';
import { checkOutputFile } from './output-file';
import { loadTrained, openTrained, type OpenedTrained } from './open-trained';
import { tryNumObjects } from './try-num-objects';
import { versions } from './versions';

type Format = 'safetensors' | 'onnx';

export interface ExportInput extends TrainedInput, Pick<Reporting, 'onLog'> {
  readonly format: Format;
  /** Default: the name of the run with that of the format, in the working directory. */
  readonly output?: string | undefined;
  /** Overwrite the file. */
  readonly force?: boolean | undefined;
  /** ONNX: images in a batch; null for any number. */
  readonly batch?: number | null | undefined;
  /** ONNX: another number of slots than the config's. */
  readonly numObjects?: number | undefined;
}

export interface ExportedModel {
  readonly checkpoint: string;
  /** Callback whose weights they are; null for those that were trained. */
  readonly weights: string | null;
  readonly format: Format;
  readonly output: string;
  readonly bytes: number;
  /** Safetensors: how many. */
  readonly tensors?: number;
  readonly inputs?: OnnxExport['inputs'];
  readonly outputs?: OnnxExport['outputs'];
}

/** @throws UsageError before anything is written */
export async function exportModel(input: ExportInput): Promise<ExportedModel> {
  const { cwd = process.cwd(), format, force = false, onLog } = input;
  if (format === 'safetensors') {
    const flag = input.numObjects !== undefined ? 'num-objects' : input.batch !== undefined ? 'batch' : null;
    if (flag !== null) throw new UsageError(`--${flag} is for --format onnx: weights do not depend on it.`);
  }
  const opened = await openTrained(input, 'osc export');
  const { trained } = opened;
  const output = resolve(cwd, expandHome(input.output ?? `${basename(trained.home)}.${format}`));
  checkOutput(output, force);
  await chooseEngine('cpu').prepare();
  const model = await loadTrained(opened, createRunLog(onLog ?? null).logger);
  try {
    const made = format === 'onnx' ? await onnxFile(model, opened, input) : safetensorsFile(model);
    await writeFileAtomically(output, made.bytes, force);
    return {
      checkpoint: trained.checkpoint,
      weights: trained.weights,
      format,
      output,
      ...made,
      bytes: made.bytes.length,
    };
  } finally {
    model.dispose();
  }
}

function safetensorsFile(model: Model): { bytes: Uint8Array; tensors: number } {
  const weights = readStateDict(model);
  return { bytes: encodeSafetensors(weights, { format: 'pt' }), tensors: weights.size };
}

async function onnxFile(
  model: Model,
  { trained, config }: OpenedTrained,
  { batch = null, numObjects }: ExportInput,
): Promise<Pick<OnnxExport, 'bytes' | 'inputs' | 'outputs'>> {
  if (numObjects !== undefined) tryNumObjects(model, numObjects, 'osc export');
  const { bytes, inputs, outputs } = await exportOnnx(model, {
    batch,
    numObjects,
    version: versions().osc,
    metadata: {
      weights_sha256: trained.sha256,
      step: String(trained.position.step),
      normalize: JSON.stringify(config.data.normalize),
    },
  });
  return { bytes, inputs, outputs };
}

function checkOutput(output: string, force: boolean): void {
  checkOutputFile(output, '--output');
  if (existsSync(output) && !force) {
    throw new UsageError(`The file ${output} is there already.`, 'It is not overwritten unasked.', [
      '--force',
      '--output ANOTHER_FILE',
    ]);
  }
}
