// A value as one line of text.

const charactersMax = 200

export function shown(value: unknown): string {
  if (value === null || value === undefined) return '–'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text
}
