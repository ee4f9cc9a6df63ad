/**
 * `@tensorflow/tfjs-core` ships for Node without the gradients of its ops; of tfjs's packages, `tfjs-layers` is the
 * smallest that registers them. tfjs's registry is global, so importing it anywhere is enough.
 */
import '@tensorflow/tfjs-layers';
