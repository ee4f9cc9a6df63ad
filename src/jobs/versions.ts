import * as tf from '@tensorflow/tfjs-core';
import { ownPackage } from '../util/own-package';

/** What computes: for `environment.json`. */
export function versions(): Record<'osc' | 'tfjs', string> {
  return { osc: ownPackage().version, tfjs: tf.version_core };
}
