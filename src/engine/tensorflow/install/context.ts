/** What the steps of an installation share. */
import type { Progress } from '../../../sdk/logger';
import type { Variant } from '../variant';
import type { Run } from '../process';
import type { Tools } from './tools';

export interface InstallContext {
  readonly variant: Variant;
  /** Where it is put together; it gets its place when it is whole. */
  readonly folder: string;
  readonly tools: Tools;
  readonly run: Run;
  readonly progress: Progress;
}
