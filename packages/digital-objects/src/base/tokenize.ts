// The tokenizer of `$text`: words without case, accents or punctuation. Every executor and every index uses it.
//
// Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese put no spaces between words, or add endings to them. There a word is
// each pair of neighboring characters, so that any part of a run can be found: '東京都' has the words '東京', '京都' and '都'.

/** Increases when a string gets other words, so that stored indexes are made again. */
export const tokenizerVersion = 2

/** A longer word is cut, in the query and in the index alike. */
const wordCharactersMax = 64
/** Words of one value beyond this number are not searchable. */
const wordsMax = 50_000

const pattern = /[\p{L}\p{N}]+/gu

// Ranges of code points, because the segmenters of two engines may disagree, and so may their versions of Unicode.
const unspaced =
  '\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3040-\\u312f\\u31a0-\\u31bf\\u31f0-\\u31ff\\u3400-\\u4dbf' +
  '\\u4e00-\\u9fff\\ua9e0-\\ua9ff\\uaa60-\\uaa7f\\uac00-\\ud7a3\\uf900-\\ufaff\\u{20000}-\\u{3ffff}'
const hasUnspaced = new RegExp(`[${unspaced}]`, 'u')
const runs = new RegExp(`[${unspaced}]+|[^${unspaced}]+`, 'gu')
/** Hangul syllables that normalization has taken apart. */
const hasJamo = /[\u1100-\u11ff]/

/** `"Élan vital, 2nd ed."` -> `['elan', 'vital', '2nd', 'ed']`. */
export function tokenize(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
  // Lower-casing can produce new marks (İ), which must be stripped as well.
  const bare = /\p{M}/u.test(plain) ? plain.replace(/\p{M}+/gu, '') : plain
  const words = (hasJamo.test(bare) ? bare.normalize('NFC') : bare).match(pattern) ?? []
  return words
    .flatMap((word) => (hasUnspaced.test(word) ? wordsOfRuns(word) : word))
    .slice(0, wordsMax)
    .map((word) => (word.length > wordCharactersMax ? [...word].slice(0, wordCharactersMax).join('') : word))
}

function wordsOfRuns(word: string): readonly string[] {
  return (word.match(runs) ?? []).flatMap((run) => (hasUnspaced.test(run) ? pairsOf([...run]) : run))
}

/** A search finds words by their beginning, so the pairs and the last character lead to every part of the run. */
function pairsOf(characters: readonly string[]): readonly string[] {
  return characters.map((character, at) => character + (characters[at + 1] ?? ''))
}
