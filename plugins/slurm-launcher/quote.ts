/** Text for the two languages of a batch script: the shell's, and that of its `#SBATCH` lines. */

export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** sbatch takes a backslash for an escape within either kind of quotes, unlike a shell; it expands nothing. */
export function sbatchQuote(value: string): string {
  return /^[A-Za-z0-9_@%+=:,./|&*[\]-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** A path in which `%` means nothing. SLURM has no way to say a backslash: undefined. */
export function patternQuote(path: string): string | undefined {
  return path.includes('\\') ? undefined : path.replaceAll('%', '%%');
}
