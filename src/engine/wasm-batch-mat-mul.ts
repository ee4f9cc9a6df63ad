/**
 * A quicker `BatchMatMul` for the stock wasm backend. Its own kernel hands only a single untransposed product to
 * XNNPACK (about 18 GFLOP/s on one core); batches and transposed operands fall into a plain loop (about 2). Attention is
 * batches, and the gradient of every product is transposed. Here a batch is a row of single products on views of the same
 * memory, and a transposed operand is transposed first.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

type MatMul = (
  a: number,
  aShape: Uint8Array,
  aRank: number,
  b: number,
  bShape: Uint8Array,
  bRank: number,
  transposeA: number,
  transposeB: number,
  out: number,
) => void;

interface KernelArgs {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly backend: BackendWasm;
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
}

type Kernel = (args: KernelArgs) => tf.TensorInfo;

/** Ids of views lie far above those that the backend counts up for tensors. */
const FIRST_VIEW_ID = 2 ** 30;
const FLOAT_BYTES = 4;

const shapeBytes = (shape: number[]): Uint8Array => new Uint8Array(new Int32Array(shape).buffer);
const batchOf = (shape: number[]): number => tf.util.sizeFromShape(shape.slice(0, -2));

function stockKernel(name: string): Kernel {
  return tf.getKernel(name, 'wasm').kernelFunc as unknown as Kernel;
}

/** Swaps the last two axes. */
function transposed(x: tf.TensorInfo, backend: BackendWasm): tf.TensorInfo {
  const rank = x.shape.length;
  const perm = [...x.shape.keys()];
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return tf.getKernel('Transpose', 'wasm').kernelFunc({
    inputs: { x },
    backend,
    attrs: { perm },
  }) as tf.TensorInfo;
}

/** Puts the kernel in place; the backend must be initialised. A second call changes nothing. */
export function installBatchMatMul(): void {
  const backend = tf.backend() as BackendWasm;
  const stock = stockKernel(tf.BatchMatMul);
  if (stock.name === 'batchMatMulOfViews') return;
  const number = 'number';
  const call = (backend.wasm as unknown as { cwrap(name: string, result: null, args: string[]): MatMul }).cwrap(
    tf.BatchMatMul,
    null,
    [number, 'array', number, number, 'array', number, number, number, number],
  );
  const memory = (info: tf.TensorInfo): number => backend.dataIdMap.get(info.dataId).memoryOffset;

  /** `[G, M, K] × [G, K, N]`; a batch of 1 on one side serves all of the other. */
  function products(a: tf.TensorInfo, b: tf.TensorInfo, batch: number, out: tf.TensorInfo): void {
    const [m, k] = a.shape.slice(-2) as [number, number];
    const n = b.shape[b.shape.length - 1]!;
    const aStep = batchOf(a.shape) === 1 ? 0 : m * k;
    const bStep = batchOf(b.shape) === 1 ? 0 : k * n;
    const aShape = shapeBytes([1, m, k]);
    const bShape = shapeBytes([1, k, n]);
    const [aAt, bAt, outAt] = [memory(a), memory(b), memory(out)];
    const { registerTensor, disposeData } = backend.wasm.tfjs;
    const [aId, bId, outId] = [FIRST_VIEW_ID, FIRST_VIEW_ID + 1, FIRST_VIEW_ID + 2];
    for (let g = 0; g < batch; g++) {
      registerTensor(aId, m * k, aAt + FLOAT_BYTES * g * aStep);
      registerTensor(bId, k * n, bAt + FLOAT_BYTES * g * bStep);
      registerTensor(outId, m * n, outAt + FLOAT_BYTES * g * m * n);
      call(aId, aShape, 3, bId, bShape, 3, 0, 0, outId);
      // Also drops what XNNPACK has packed of b. Under the tensor's own id it would be kept for the next product with
      // that memory, whatever its shape then, and read out of bounds.
      disposeData(aId);
      disposeData(bId);
      disposeData(outId);
    }
  }

  function multiply(a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
    const batch = Math.max(batchOf(a.shape), batchOf(b.shape));
    const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const shape = [...outer, a.shape[a.shape.length - 2]!, b.shape[b.shape.length - 1]!];
    const out = backend.makeOutput(shape, 'float32');
    products(a, b, batch, out);
    return out;
  }

  function batchMatMulOfViews(args: KernelArgs): tf.TensorInfo {
    const { a, b } = args.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    const { transposeA, transposeB } = args.attrs;
    const [aBatch, bBatch] = [batchOf(a.shape), batchOf(b.shape)];
    const sameBatch = tf.util.arraysEqual(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const floats = a.dtype === 'float32' && b.dtype === 'float32';
    const empty = tf.util.sizeFromShape(a.shape) === 0 || tf.util.sizeFromShape(b.shape) === 0;
    const inner = a.shape[a.shape.length - (transposeA ? 2 : 1)] === b.shape[b.shape.length - (transposeB ? 1 : 2)];
    // what is rare, or an error to be reported, stays with the stock kernel
    if (!floats || empty || !inner || !(sameBatch || aBatch === 1 || bBatch === 1)) return stock(args);

    const temporary: tf.TensorInfo[] = [];
    const flip = (x: tf.TensorInfo): tf.TensorInfo => {
      const y = transposed(x, backend);
      temporary.push(y);
      return y;
    };
    try {
      // aᵀ b = (bᵀ a)ᵀ: of two tall operands transpose the narrow one
      if (transposeA && !transposeB && b.shape[b.shape.length - 1]! < a.shape[a.shape.length - 1]!) {
        const swapped = multiply(flip(b), a);
        temporary.push(swapped);
        return transposed(swapped, backend);
      }
      return multiply(transposeA ? flip(a) : a, transposeB ? flip(b) : b);
    } finally {
      for (const info of temporary) backend.disposeData(info.dataId);
    }
  }

  tf.unregisterKernel(tf.BatchMatMul, 'wasm');
  tf.registerKernel({
    kernelName: tf.BatchMatMul,
    backendName: 'wasm',
    kernelFunc: batchMatMulOfViews as unknown as tf.KernelFunc,
  });
}
