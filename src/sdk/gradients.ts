/**
 * `@tensorflow/tfjs-core` ships for Node without the gradients of its ops; only the union package registers them. Its
 * one engine is global, so importing it anywhere is enough.
 */
import '@tensorflow/tfjs';
