// Parses the answer of an API of vectors: `{ data: [{ index, embedding }], usage }`. Whatever is not as expected is refused, since a
// wrong vector in the index would be found for years.

import { isPlainObject } from 'digital-objects'
import type { Embedded } from './embedder.ts'
import { estimateTokens, ModelRefused } from './model.ts'

export const dimensionsMax = 8_192

/** Throws a ModelRefused. */
export function parseEmbeddings(body: unknown, texts: readonly string[]): Embedded {
  const data = isPlainObject(body) && Array.isArray(body['data']) ? (body['data'] as readonly unknown[]) : []
  if (!isPlainObject(body) || data.length !== texts.length)
    throw refused(`${data.length} vectors for ${texts.length} texts`)
  const vectors: Float32Array[] = []
  for (const [at, item] of data.entries()) {
    const { index = at, embedding } = isPlainObject(item) ? item : {}
    // Servers may answer in another order.
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= texts.length)
      throw refused('a vector of no text')
    if (vectors[index] !== undefined) throw refused('two vectors of one text')
    vectors[index] = toVector(embedding)
  }
  const size = vectors[0]?.length
  if (vectors.some(({ length }) => length !== size)) throw refused('vectors of different sizes')
  const { prompt_tokens: counted } = isPlainObject(body['usage']) ? body['usage'] : {}
  const isCounted = typeof counted === 'number' && Number.isSafeInteger(counted) && counted >= 0
  return { vectors, tokens: isCounted ? counted : estimateTokens(texts.join('')) }
}

/** Scales the numbers to a vector of length 1. */
function toVector(value: unknown): Float32Array {
  if (!Array.isArray(value) || value.length === 0 || value.length > dimensionsMax)
    throw refused(`a vector that is no list of 1 to ${dimensionsMax} numbers`)
  let squares = 0
  for (const number of value as readonly unknown[]) {
    if (typeof number !== 'number' || !Number.isFinite(number)) throw refused('a vector with a value that is no number')
    squares += number * number
  }
  const length = Math.sqrt(squares)
  if (length === 0 || !Number.isFinite(length)) throw refused('a vector without a direction')
  return Float32Array.from(value as readonly number[], (number) => number / length)
}

function refused(what: string): ModelRefused {
  return new ModelRefused(`the model gave ${what}`, { isPermanent: false })
}
