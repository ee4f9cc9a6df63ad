/** Markdown of texts that come from run directories, which may be anybody's. */
import { printable } from '../../util/text';

/** On one line, and of paths of the machine the last name alone. */
export function publicText(text: string): string {
  return printable(text).replace(
    /(^|[\s=:,[({'"])(?:~?\/|[A-Za-z]:\\)(?:[^\s,;)\]}'"/\\]*[/\\])*([^\s,;)\]}'"/\\]*)/g,
    '$1$2',
  );
}

/** Text that Markdown takes as it is. */
export function escaped(text: string): string {
  return publicText(text).replace(/[\\`*_{}[\]<>|#~]/g, (character) => `\\${character}`);
}

/** In a table, too. */
export function code(text: string): string {
  return `\`${publicText(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

/** Rows of cells, which are Markdown already. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
