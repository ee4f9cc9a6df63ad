/** What the readers say of the corpus. Run as a program: prints it as JSON, with the failures whole. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runFiles } from './processes.mjs';

export const CORPUS = join(import.meta.dirname, 'corpus');
export const VERDICTS = join(CORPUS, 'verdicts.json');

const SHOWN = 160;

/** @returns by `TARGET/FILE` the verdict, and how the text of an error begins */
export async function judgeCorpus() {
  const files = readdirSync(CORPUS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== CORPUS)
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const results = await runFiles('corpus', files);
  return Object.fromEntries(
    results.map(({ verdict, text }, i) => {
      const shown = verdict === 'failure' ? text : text?.slice(0, SHOWN);
      return [files[i].slice(CORPUS.length + 1), text === undefined ? verdict : `${verdict}: ${shown}`];
    }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(JSON.stringify(await judgeCorpus()));
