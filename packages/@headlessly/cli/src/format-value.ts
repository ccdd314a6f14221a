// Formats one value as part of a line. Values are untrusted, so control characters are escaped before they reach a
// terminal.

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Returns an empty string for no value, JSON for lists and objects, and the name or id of an included entity. */
export function formatValue(value: unknown): string {
  return printable(typeof value === 'string' ? value : valueText(value))
}

/** Escapes control characters and characters that change the writing direction. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (one) => escapes[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
