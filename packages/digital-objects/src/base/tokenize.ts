// The one tokenizer of `$text`: words without case, accents or punctuation. Every executor and every index uses it.

/** A longer word is cut, on both sides alike. */
const wordCharactersMax = 64
/** Words of one text beyond this are not found. */
const wordsMax = 10_000

const pattern = /[\p{L}\p{N}]+/gu

/** `"Élan vital, 2nd ed."` -> `['elan', 'vital', '2nd', 'ed']`. */
export function tokenize(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  // Lower-casing may bring marks of its own (İ), and then there is something left to strip.
  const words = (/\p{M}/u.test(plain) ? plain.replace(/\p{M}+/gu, '') : plain).match(pattern) ?? []
  return words
    .slice(0, wordsMax)
    .map((word) => (word.length > wordCharactersMax ? [...word].slice(0, wordCharactersMax).join('') : word))
}
