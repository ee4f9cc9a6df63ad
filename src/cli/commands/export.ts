import { relative } from 'node:path';
import { Flags } from '@oclif/core';
import { exportModel } from '../../jobs';
import { UsageError } from '../../sdk/errors';
import { BaseCommand } from '../base-command';
import { integerFlag, oneOf } from '../flags';
import { trainedArg, trustPluginsFlag, weightsFlag } from '../trained-arg';

const batchFlag = Flags.custom<number | null>({
  helpValue: 'N|any',
  parse: (text) => {
    if (text === 'any') return Promise.resolve(null);
    if (/^[1-9]\d*$/.test(text)) return Promise.resolve(Number(text));
    throw new UsageError(`--batch should be a number of images or "any", not "${text}".`, undefined, ['--batch 1']);
  },
});

export default class Export extends BaseCommand {
  static override onlyPrints = false;
  static override summary = "Write a trained model's weights for PyTorch, or the model itself for ONNX Runtime.";
  static override description =
    "safetensors has the names, shapes and layouts of the reference's state_dict(); there: " +
    'model.load_state_dict(safetensors.torch.load_file(FILE), strict=True). onnx has the forward pass of evaluation: ' +
    'images to f_global, f_slots and attention (one map of each iteration or block).';
  static override examples = [
    '<%= config.bin %> export latest --format safetensors',
    '<%= config.bin %> export latest --format onnx --output model.onnx',
  ];
  static override args = { model: trainedArg };
  static override flags = {
    format: Flags.custom<'safetensors' | 'onnx'>(oneOf(['safetensors', 'onnx']))({
      summary: 'What to write: safetensors or onnx.',
      required: true,
    }),
    weights: weightsFlag,
    'trust-plugins': trustPluginsFlag,
    output: Flags.string({
      summary: 'File to write; RUN.safetensors or RUN.onnx in the working directory if not given.',
      helpValue: 'FILE',
    }),
    force: Flags.boolean({ summary: 'Overwrite the file.', default: false }),
    batch: batchFlag({
      summary: 'onnx: images in a batch. Queries that are drawn for each image (sample, kmeans_cosine) need a number.',
      defaultHelp: () => Promise.resolve('any'),
    }),
    'num-objects': integerFlag({
      summary: 'onnx: slots of an image, where the queries can give another number than in training.',
      min: 1,
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Export);
    const { onLog } = this.reporting();
    const exported = await exportModel({
      model: args.model,
      weights: flags.weights,
      trustPlugins: flags['trust-plugins'],
      format: flags.format,
      output: flags.output,
      force: flags.force,
      batch: flags.batch,
      numObjects: flags['num-objects'],
      onLog,
    });
    const { inputs = [], outputs = [], tensors } = exported;
    for (const { name, shape } of [...inputs, ...outputs]) this.log(`${name.padEnd(10)} [${shape.join(', ')}]`);
    const whose = exported.weights === null ? '' : ` (weights of ${exported.weights})`;
    if (tensors !== undefined) this.log(`${tensors} tensors of ${exported.checkpoint}${whose}`);
    this.log(`Written: ${flags.output ?? relative(process.cwd(), exported.output)}`);
    return exported;
  }
}
