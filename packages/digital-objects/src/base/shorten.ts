// Names of callers inside messages.

const charactersMax = 64

/** Cuts a string that a caller sent, so that a message stays readable whatever it holds. */
export function shorten(text: string): string {
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text
}
