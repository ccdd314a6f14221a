// A model of vectors for tests: texts with the same words get like vectors, and words of one line of synonyms count as one. It stands
// in for a language model, which would know far more words.

const dimensionsByDefault = 512

const synonyms = [
  ['car', 'automobile', 'vehicle'],
  ['refund', 'reimbursement', 'money back'],
  ['broken', 'defective', 'damaged'],
  ['login', 'sign in', 'password'],
]

export function wordVector(text: string, dimensions = dimensionsByDefault): readonly number[] {
  let plain = text.toLowerCase()
  for (const [first = '', ...others] of synonyms) for (const other of others) plain = plain.replaceAll(other, first)
  const vector = Array.from({ length: dimensions }, () => 0)
  for (const word of plain.match(/[a-z]+/g) ?? ['none']) {
    const at = hashOf(word) % dimensions
    vector[at] = (vector[at] ?? 0) + 1
  }
  return vector
}

/** FNV-1a. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193) >>> 0
  return hash
}

/** The answer of `/embeddings`. */
export function embeddingsAnswer(texts: readonly string[], dimensions?: number): object {
  return {
    object: 'list',
    data: texts.map((text, index) => ({ object: 'embedding', index, embedding: wordVector(text, dimensions) })),
    usage: { prompt_tokens: 10 * texts.length, total_tokens: 10 * texts.length },
  }
}
