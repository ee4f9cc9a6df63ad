import { copies } from './copies';
import { elementwise } from './elementwise';
import { fused } from './fused';
import { matmul } from './matmul';
import { reductions } from './reductions';
import type { Kernels } from './registration';

export const kernels: Kernels = { ...elementwise, ...copies, ...reductions, ...matmul, ...fused };
