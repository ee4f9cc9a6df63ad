/** The forward pass of evaluation as an ONNX graph: images to `f_global`, `f_slots` and `attention`. */
import * as tf from '@tensorflow/tfjs-core';
import type { Dimensions, ModelOutputs, Mode, NamedParameters } from '../../sdk';
import { TapesByBatch, type Size } from './batch';
import { Call } from './call';
import { Graph, type Name } from './graph';
import { encodeOnnx, type OnnxPort } from './proto';
import { record } from './record';
import { onTracingBackend } from './tracing-backend';
import { TRANSLATIONS } from './translations';

/** What of a model is exported. */
export interface ExportableModel {
  readonly dimensions: Dimensions;
  namedParameters(): NamedParameters;
  forward(images: tf.Tensor4D, mode: Mode, numObjects?: number): ModelOutputs;
}

export interface OnnxOptions {
  /** Images in a batch; null: any number. */
  readonly batch: number | null;
  /** Another number of slots than the config's. */
  readonly numObjects?: number | undefined;
  /** Version of osc. */
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface OnnxExport {
  readonly bytes: Uint8Array;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly numNodes: number;
}

const INPUT = 'images';
const BATCH = 'batch';
/** Three sizes: what two of them say of the batch is checked on the third. One image alone may be a special case. */
const RECORDED_BATCHES = [2, 3, 5];

/**
 * Records the forward pass and translates it.
 *
 * @throws UsageError for a kernel that has no translation, values that are read, and for `batch: null` numbers that differ
 *   from image to image
 */
export async function exportOnnx(model: ExportableModel, options: OnnxOptions): Promise<OnnxExport> {
  const { imageSize } = model.dimensions;
  const batches = options.batch === null ? RECORDED_BATCHES : [options.batch];
  const tapes = await onTracingBackend(() =>
    batches.map((batch) =>
      record([batch, 3, ...imageSize], model.namedParameters(), (images) =>
        outputsOf(model, images as tf.Tensor4D, options.numObjects),
      ),
    ),
  );
  return translate(new TapesByBatch(batches, tapes), options);
}

const MODE: Mode = { training: false, step: 0, attention: true, recording: true };

/** `f_global [B, C]`; of a model with slots `f_slots [B, S, C]` and, of all iterations or blocks, `attention [B, I, S, N]`. */
function outputsOf(model: ExportableModel, images: tf.Tensor4D, numObjects?: number): Record<string, tf.Tensor> {
  const { fGlobal, fSlots, attention } = model.forward(images, MODE, numObjects);
  const maps = attention?.objects ?? [];
  return {
    f_global: fGlobal,
    ...(fSlots === null ? {} : { f_slots: fSlots }),
    ...(maps.length === 0 ? {} : { attention: tf.stack([...maps], 1) }),
  };
}

function translate(tapes: TapesByBatch, { version, metadata }: OnnxOptions): OnnxExport {
  const [tape] = tapes.tapes as [(typeof tapes.tapes)[number]];
  const graph = new Graph(INPUT);
  for (const [name] of tape.outputs) graph.reserve(name);
  const names = new Map<number, Name>([[0, INPUT]]);
  const nameOf = (value: number): Name => {
    const name = names.get(value) ?? constant(graph, tapes, value);
    names.set(value, name);
    return name;
  };
  for (const index of callsFor(tapes)) {
    const call = new Call(tapes, index, graph, nameOf);
    const translation = Object.hasOwn(TRANSLATIONS, call.kernel) ? TRANSLATIONS[call.kernel] : undefined;
    if (translation === undefined) throw call.cannot();
    const made = [translation(call)].flat();
    tape.calls[index]!.outputs.forEach((value, i) => names.set(value, made[i]!));
  }
  for (const [name, value] of tape.outputs) graph.addOutput(name, nameOf(value));

  const port = (name: string, value: number): OnnxPort => {
    return { name, type: tape.values[value]!.dtype, shape: tapes.shape(value).map(inWords) };
  };
  const inputs = [port(INPUT, 0)];
  const outputs = tape.outputs.map(([name, value]) => port(name, value));
  const { nodes, initializers } = graph;
  const bytes = encodeOnnx({ name: 'osc', producerVersion: version, nodes, initializers, inputs, outputs, metadata });
  return { bytes, inputs, outputs, numNodes: nodes.length };
}

/** The calls that outputs need, in their order; what is fixed is a constant and needs none. */
function callsFor(tapes: TapesByBatch): number[] {
  const { values, calls, outputs } = tapes.tapes[0]!;
  const needed = new Set<number>();
  const open = outputs.map(([, value]) => value);
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const { call } = values[value]!;
    if (call === null || needed.has(call) || tapes.isFixed(value)) continue;
    needed.add(call);
    open.push(...calls[call]!.inputs.map(([, input]) => input));
  }
  return [...needed].sort((a, b) => a - b);
}

/** A value that no call of the graph makes. */
function constant(graph: Graph, tapes: TapesByBatch, value: number): Name {
  const isFixed = tapes.isFixed(value);
  const {
    shape,
    dtype,
    constant: data,
    parameter,
  } = isFixed ? tapes.tapes[0]!.values[value]! : tapes.ofOneImage(value);
  const name = graph.constant(dtype, shape, data!, parameter ?? 'constant');
  if (isFixed) return name;
  const repeats = shape.map((_, axis): Size => ({ perBatch: axis === 0 ? 1 : 0, constant: axis === 0 ? 0 : 1 }));
  return graph.add('Tile', [name, graph.sizes(repeats)]);
}

/** A size as a name for those who run the graph: `batch`, `batch*3`. */
function inWords({ perBatch, constant }: Size): number | string {
  if (perBatch === 0) return constant;
  const batch = perBatch === 1 ? BATCH : `${BATCH}*${perBatch}`;
  return constant === 0 ? batch : `${batch}+${constant}`;
}
