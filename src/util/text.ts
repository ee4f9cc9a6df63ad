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

/**
 * A text from anywhere as it may be printed: what a terminal would obey, or what would turn the direction of writing around, stands
 * there in letters (`\x1b`). Line breaks and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(OBEYED, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** A JSON document with the same characters escaped: what it says stays the same. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(OBEYED, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);
}

// eslint-disable-next-line no-control-regex -- these are what is told
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** A text as one word of a shell's command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
