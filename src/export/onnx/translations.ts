/**
 * TensorFlow.js kernels to ONNX nodes: for each kernel the name of its output, or of its outputs. Inputs and attributes are
 * named as in tfjs-core's `kernel_names.ts`.
 */
import { plus, type Size } from './batch';
import { withUnknown, type Call } from './call';
import type { Attributes, Name } from './graph';
import { dataType } from './proto';

export type Translation = (call: Call) => Name | Name[];

const direct =
  (op: string, attributes: Attributes = {}): Translation =>
  (call) =>
    call.add(op, call.inputs, attributes);

/** Of one input, `x`; `f` builds it from named pieces. */
const composed =
  (f: (x: Name, call: Call) => Name): Translation =>
  (call) =>
    f(call.inputs[0]!, call);

const reduction =
  (op: string, axis: string): Translation =>
  (call) =>
    call.add(op, [call.input('x'), call.graph.integers(call.axes(axis))], {
      keepdims: call.attr<boolean | undefined>('keepDims') === true ? 1 : 0,
    });

/** ONNX has no reduction of bools. */
const ofBools =
  (op: string): Translation =>
  (call) => {
    const asIntegers = call.add('Cast', [call.input('x')], { to: dataType('int32') });
    const reduced = call.add(op, [asIntegers, call.graph.integers(call.axes('axis'))], {
      keepdims: call.attr<boolean | undefined>('keepDims') === true ? 1 : 0,
    });
    return call.add('Cast', [reduced], { to: dataType('bool') });
  };

const extreme =
  (op: string): Translation =>
  (call) => {
    const place = call.add(op, [call.input('x')], { axis: call.axis('axis'), keepdims: 0 });
    return call.add('Cast', [place], { to: dataType('int32') });
  };

function swapped(call: Call, input: 'a' | 'b', transpose: string): Name {
  if (call.attr<boolean | undefined>(transpose) !== true) return call.input(input);
  const rank = call.shape(input).length;
  const perm = [...Array(rank).keys()];
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return call.add('Transpose', [call.input(input)], { perm });
}

function reshaped(call: Call, input: Name, shape: readonly Size[]): Name {
  return call.add('Reshape', [input, call.graph.sizes(withUnknown(shape) ?? shape)]);
}

function sliced(call: Call): Name {
  const shape = call.outputShape();
  const given = call.sizes('begin');
  const begin = shape.map((_, axis) => given[axis] ?? { perBatch: 0, constant: 0 });
  const end = begin.map((from, axis) => plus(from, shape[axis]!));
  const { graph } = call;
  return call.add('Slice', [call.input('x'), graph.sizes(begin), graph.sizes(end), graph.integers([...shape.keys()])]);
}

function split(call: Call): Name[] {
  const axis = call.axis('axis');
  const lengths = Array.from({ length: call.numOutputs }, (_, i) => call.outputShape(i)[axis]!);
  return call.graph.addMany('Split', [call.input('x'), call.graph.sizes(lengths)], call.numOutputs, { axis });
}

function packed(call: Call): Name {
  const axis = call.attr<number>('axis');
  const axes = call.graph.integers([axis]);
  const rows = call.inputs.map((input) => call.add('Unsqueeze', [input, axes]));
  return call.add('Concat', rows, { axis });
}

function unpacked(call: Call): Name[] {
  const axis = call.axis('axis', 'value');
  const lengths = call.graph.integers(Array(call.numOutputs).fill(1) as number[]);
  const rows = call.graph.addMany('Split', [call.input('value'), lengths], call.numOutputs, { axis });
  return rows.map((row) => call.add('Squeeze', [row, call.graph.integers([axis])]));
}

function padded(call: Call): Name {
  const paddings = call.attr<[number, number][]>('paddings');
  const pads = call.graph.integers([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  const type = call.output().dtype;
  return call.add('Pad', [call.input('x'), pads, call.graph.scalar(type, call.attr('constantValue'))]);
}

function gathered(call: Call): Name {
  if (call.attr<number | undefined>('batchDims')) throw call.cannot('with batchDims');
  return call.add('Gather', [call.input('x'), call.input('indices')], { axis: call.axis('axis') });
}

function oneHot(call: Call): Name {
  const values = Float32Array.of(call.attr('offValue'), call.attr('onValue'));
  const depth = call.graph.scalar('int32', call.attr('depth'));
  // ONNX Runtime has it for int32 indices with float values alone
  const hot = call.add('OneHot', [call.input('indices'), depth, call.graph.constant('float32', [2], values)], {
    axis: -1,
  });
  const { dtype } = call.output();
  return dtype === 'float32' ? hot : call.add('Cast', [hot], { to: dataType(dtype) });
}

function topK(call: Call): Name[] {
  const k = call.graph.integers([call.attr('k')]);
  const sorted = call.attr<boolean | undefined>('sorted') === false ? 0 : 1;
  const [values, places] = call.graph.addMany('TopK', [call.input('x'), k], 2, { axis: -1, largest: 1, sorted });
  return [values!, call.add('Cast', [places!], { to: dataType('int32') })];
}

const filled =
  (value: number): Translation =>
  (call) => {
    const scalar = call.graph.scalar(call.output().dtype, value);
    return call.add('Expand', [scalar, call.add('Shape', [call.input('x')])]);
  };

function cumulative(call: Call): Name {
  const flag = (name: string): number => (call.attr<boolean>(name) ? 1 : 0);
  const axis = call.graph.scalar('int32', call.axis('axis'));
  return call.add('CumSum', [call.input('x'), axis], { exclusive: flag('exclusive'), reverse: flag('reverse') });
}

const one = (call: Call): Name => call.graph.scalar('float32', 1);

export const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  Abs: direct('Abs'),
  Acos: direct('Acos'),
  Add: direct('Add'),
  AddN: direct('Sum'),
  All: ofBools('ReduceMin'),
  Any: ofBools('ReduceMax'),
  ArgMax: extreme('ArgMax'),
  ArgMin: extreme('ArgMin'),
  Asin: direct('Asin'),
  Atan: direct('Atan'),
  BatchMatMul: (call) => call.add('MatMul', [swapped(call, 'a', 'transposeA'), swapped(call, 'b', 'transposeB')]),
  Cast: (call) => call.add('Cast', [call.input('x')], { to: dataType(call.output().dtype) }),
  Ceil: direct('Ceil'),
  ClipByValue: (call) => {
    const bound = (name: string): Name => call.graph.scalar(call.output().dtype, call.attr(name));
    return call.add('Clip', [call.input('x'), bound('clipValueMin'), bound('clipValueMax')]);
  },
  Concat: (call) => call.add('Concat', call.inputs, { axis: call.axis('axis', '0') }),
  Cos: direct('Cos'),
  Cosh: direct('Cosh'),
  Cumsum: cumulative,
  Einsum: (call) => call.add('Einsum', call.inputs, { equation: call.attr<string>('equation') }),
  Elu: direct('Elu'),
  Equal: direct('Equal'),
  Erf: direct('Erf'),
  Exp: direct('Exp'),
  ExpandDims: (call) => reshaped(call, call.input('input'), call.outputShape()),
  Expm1: composed((x, call) => call.add('Sub', [call.add('Exp', [x]), one(call)])),
  Floor: direct('Floor'),
  GatherV2: gathered,
  Greater: direct('Greater'),
  GreaterEqual: direct('GreaterOrEqual'),
  Identity: direct('Identity'),
  IsInf: direct('IsInf'),
  IsNan: direct('IsNaN'),
  LeakyRelu: (call) => call.add('LeakyRelu', [call.input('x')], { alpha: { float: call.attr<number>('alpha') } }),
  Less: direct('Less'),
  LessEqual: direct('LessOrEqual'),
  Log: direct('Log'),
  Log1p: composed((x, call) => call.add('Log', [call.add('Add', [x, one(call)])])),
  LogSoftmax: (call) => call.add('LogSoftmax', [call.input('logits')], { axis: call.axis('axis', 'logits') }),
  LogicalAnd: direct('And'),
  LogicalNot: direct('Not'),
  LogicalOr: direct('Or'),
  Max: reduction('ReduceMax', 'reductionIndices'),
  Maximum: direct('Max'),
  Mean: reduction('ReduceMean', 'axis'),
  Min: reduction('ReduceMin', 'axis'),
  Minimum: direct('Min'),
  Multiply: direct('Mul'),
  Neg: direct('Neg'),
  NotEqual: (call) => call.add('Not', [call.add('Equal', call.inputs)]),
  OneHot: oneHot,
  OnesLike: filled(1),
  Pack: packed,
  PadV2: padded,
  Pow: direct('Pow'),
  Prelu: direct('PRelu'),
  Prod: reduction('ReduceProd', 'axis'),
  RealDiv: direct('Div'),
  Reciprocal: direct('Reciprocal'),
  Relu: direct('Relu'),
  Relu6: composed((x, call) => call.add('Clip', [x, call.graph.scalar('float32', 0), call.graph.scalar('float32', 6)])),
  Reshape: (call) => reshaped(call, call.input('x'), call.outputShape()),
  Round: direct('Round'),
  Rsqrt: composed((x, call) => call.add('Reciprocal', [call.add('Sqrt', [x])])),
  Select: (call) => call.add('Where', [call.input('condition'), call.input('t'), call.input('e')]),
  Selu: direct('Selu'),
  Sigmoid: direct('Sigmoid'),
  Sign: direct('Sign'),
  Sin: direct('Sin'),
  Sinh: direct('Sinh'),
  Slice: sliced,
  Softmax: (call) => call.add('Softmax', [call.input('logits')], { axis: call.axis('dim', 'logits') }),
  Softplus: direct('Softplus'),
  SplitV: split,
  Sqrt: direct('Sqrt'),
  Square: composed((x, call) => call.add('Mul', [x, x])),
  SquaredDifference: (call) => {
    const difference = call.add('Sub', call.inputs);
    return call.add('Mul', [difference, difference]);
  },
  Sub: direct('Sub'),
  Sum: reduction('ReduceSum', 'axis'),
  Tan: direct('Tan'),
  Tanh: direct('Tanh'),
  Tile: (call) => call.add('Tile', [call.input('x'), call.graph.sizes(call.sizes('reps'))]),
  TopK: topK,
  Transpose: (call) => call.add('Transpose', [call.input('x')], { perm: call.attr<number[]>('perm') }),
  Unpack: unpacked,
  ZerosLike: filled(0),
};
