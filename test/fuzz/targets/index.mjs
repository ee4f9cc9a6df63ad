/**
 * The readers of what comes from outside. A target has
 *
 * - `name`, the folder of its corpus;
 * - `read(bytes, place)`: reads them as osc does, and throws {@link Broken} where what came out cannot be right;
 * - `names(message, place)`: whether an error says what it is about;
 * - `mutate(bytes, random, options)`: a new input like an old one, in the ways of the format;
 * - `dictionary`: words that the format has;
 * - `characters`: how long an error may be, where it may be longer than usual.
 *
 * No image file is read by osc: pictures are written only.
 */
import { targets as config } from './config.mjs';
import { targets as data } from './data.mjs';
import { targets as packages } from './packages.mjs';
import { targets as runs } from './runs.mjs';
import { targets as safetensors } from './safetensors.mjs';

export const targets = [...data, ...safetensors, ...config, ...runs, ...packages];
