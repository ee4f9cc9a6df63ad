import type { ComponentClass } from '../component';
import { parseOptions } from '../options';
import { assert } from './assert';
import { manifestFor } from './create-for-test';
import { runnerOr, type Runner } from './runner';

export interface OptionCases {
  /** Options the schema must take. */
  readonly valid: readonly Readonly<Record<string, unknown>>[];
  /** Options it must refuse, with what the message must say. */
  readonly invalid: readonly { readonly options: Readonly<Record<string, unknown>>; readonly message: RegExp }[];
  readonly runner?: Runner;
}

/**
 * Tests of a component's options, in the manner of ESLint's RuleTester.
 *
 * @example
 * ```ts
 * testOptions(RingQueries, {
 *   valid: [{}, { num_objects: 4 }],
 *   invalid: [{ options: { num_objects: 0 }, message: /"num_objects": too small/ }],
 * });
 * ```
 */
export function testOptions(componentClass: ComponentClass, { valid, invalid, runner }: OptionCases): void {
  const { describe, it } = runnerOr(runner);
  const manifest = manifestFor(componentClass);
  describe(`options of ${manifest.kind} "${manifest.name}"`, () => {
    for (const options of valid) {
      it(`takes ${JSON.stringify(options)}`, async () => void parseOptions(manifest, options));
    }
    for (const { options, message } of invalid) {
      it(`refuses ${JSON.stringify(options)}`, async () => {
        let refusal: unknown;
        try {
          parseOptions(manifest, options);
        } catch (error) {
          refusal = error;
        }
        assert(refusal instanceof Error, `The options ${JSON.stringify(options)} were taken.`);
        assert(
          message.test(refusal.message),
          `The message should match ${String(message)}, and is: ${refusal.message}`,
        );
      });
    }
  });
}
