// The tokenizer of `$text`: words without case, accents or punctuation. Every executor and every index uses it.

/** A longer word is cut, in the query and in the index alike. */
const wordCharactersMax = 64
/** Words of one value beyond this number are not searchable. */
const wordsMax = 10_000

const pattern = /[\p{L}\p{N}]+/gu

/** `"Élan vital, 2nd ed."` -> `['elan', 'vital', '2nd', 'ed']`. */
export function tokenize(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  // Lower-casing can produce new marks (İ), which must be stripped as well.
  const words = (/\p{M}/u.test(plain) ? plain.replace(/\p{M}+/gu, '') : plain).match(pattern) ?? []
  return words
    .slice(0, wordsMax)
    .map((word) => (word.length > wordCharactersMax ? [...word].slice(0, wordCharactersMax).join('') : word))
}
