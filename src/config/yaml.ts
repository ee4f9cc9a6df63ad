/** YAML (and JSON, which is YAML) read with the line of every key. */
import { readFileSync } from 'node:fs';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { UsageError } from '../sdk/errors';
import { describeOrigin, displayPath, type Origin } from './origin';
import { branch, type Branch, isBranch, type Tree } from './tree';
import { toValue } from './value';

export interface YamlFile {
  readonly tree: Branch;
  /** `# @package NAME` in the comments at the top. */
  readonly packageHeader?: string;
}

/** @throws UsageError with file, line and column */
export function readYamlFile(file: string, kind: 'group' | 'file'): YamlFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `The file ${displayPath(file)} cannot be read.`,
      error instanceof Error ? error.message : String(error),
      [],
      {
        cause: error,
      },
    );
  }
  return parseYamlText(text, file, kind);
}

/** @throws UsageError with file, line and column */
export function parseYamlText(text: string, file: string, kind: 'group' | 'file'): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new UsageError(`${displayPath(file)}:${line}:${col} cannot be read as YAML.`, `${problem.message}.`);
  }
  const originAt = (node: unknown): Origin => {
    const offset = isNode(node) ? node.range?.[0] : undefined;
    return { kind, file, ...(offset === undefined ? {} : { line: lines.linePos(offset).line }) };
  };
  const root = document.contents === null ? branch({ kind, file }) : toTree(document.contents, document, originAt);
  if (!isBranch(root)) {
    if (root.value === null) return { tree: branch({ kind, file }), ...header(text) };
    throw new UsageError(`${displayPath(file)} does not hold a map of keys and values.`);
  }
  return { tree: root, ...header(text) };
}

function header(text: string): { packageHeader?: string } {
  for (const line of text.split('\n')) {
    if (line.trim() !== '' && !line.trimStart().startsWith('#')) break;
    const name = /^#\s*@package\s*:?\s*(\S+)/.exec(line.trim())?.[1];
    if (name !== undefined) return { packageHeader: name };
  }
  return {};
}

function toTree(node: unknown, document: Document, originAt: (node: unknown) => Origin, from = node): Tree {
  if (isAlias(node)) return toTree(node.resolve(document), document, originAt, from);
  if (isMap(node)) {
    const tree = branch(originAt(from));
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      if (name === '<<') {
        const merged = toTree(value, document, originAt);
        if (!isBranch(merged)) continue;
        for (const [inner, child] of merged.children) if (!tree.children.has(inner)) tree.children.set(inner, child);
        continue;
      }
      tree.children.set(name, toTree(value, document, originAt, key));
    }
    return tree;
  }
  const origin = originAt(from);
  const refuse = (): never => {
    throw new UsageError(`${describeOrigin(origin)} holds something that no config can have.`);
  };
  return { origin, value: isScalar(node) || isSeq(node) ? toValue(node.toJS(document), refuse) : null };
}
