import * as tf from '@tensorflow/tfjs-core';
import { packageInfo } from './package-info';

/** What computes: for `environment.json`. */
export function versions(): Record<'osc' | 'tfjs', string> {
  return { osc: packageInfo().version, tfjs: tf.version_core };
}
