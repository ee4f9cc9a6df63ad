/** `osc-trainer/sdk`: all that a plugin may import. */
import './gradients';

export { z } from 'zod';
export * from './errors';
export * from './kinds';
export * from './tokens';
export * from './component';
export * from './options';
export * from './near-names';
export type * from './catalog';
export * from './random';
export * from './module';
export * from './logger';
export * from './safetensors';
export * from './image';
export * from './assignment';
export * from './contrastive-logits';
export * from './match-slots';
export * from './require-slots';
export * from './metrics';
export type * from './contracts/model';
export type * from './contracts/training';
export type * from './contracts/data';
export type * from './contracts/evaluation';
export * from './data';
export * from './ops';
export * from './nn';
export { startPluginThread, type PluginThread } from './plugin-thread';
