/** Kernels of TensorFlow.js that the engine `native` has written in C++. */
import { copies } from './copies';
import { elementwise } from './elementwise';
import { matmul } from './matmul';
import { ops } from './ops';
import { reductions } from './reductions';
import type { Kernels } from './registration';

export const kernels: Kernels = { ...elementwise, ...copies, ...reductions, ...matmul, ...ops };
