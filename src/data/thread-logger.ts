/** A logger whose lines are written in another thread. */
import type { Logger } from '../sdk/logger';

export interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly meta: Record<string, unknown> | undefined;
}

export function threadLogger(send: (line: LogLine) => void): Logger {
  const at = (level: keyof Logger) => (message: string, meta?: Record<string, unknown>) => {
    // through JSON: the values of a line need not be cloneable
    send({ level, message, meta: meta && (JSON.parse(JSON.stringify(meta)) as Record<string, unknown>) });
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

export function writeLine(logger: Logger, { level, message, meta }: LogLine): void {
  logger[level](message, meta);
}
