/** `1 epoch`, `3 epochs`. */
export function countOf(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `05`, as in a time of day. */
export function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** A text that a message shows, cut off after `limit` characters. */
export function shortenText(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** A text from elsewhere on one line, without what a terminal would obey. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
