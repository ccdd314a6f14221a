// A ranking of entities by the likeness of their vectors to one vector: the cosine, which is the product of vectors of length 1.
// Each part is sorted when it is added, and the parts are merged as far as they are read.

export interface Ranked {
  readonly noun: string
  readonly id: string
  /** From -1 to 1. */
  readonly score: number
}

interface Part {
  readonly ranked: readonly Ranked[]
  at: number
}

export class VectorRanking {
  readonly #vector: Float32Array
  readonly #parts: Part[] = []

  constructor(vector: Float32Array) {
    this.#vector = vector
  }

  /** Leaves out vectors of another model, which have another size. */
  add(noun: string, rows: readonly (readonly [id: string, vector: ArrayBuffer])[]): void {
    const { byteLength } = this.#vector
    const ranked = rows
      .filter(([, vector]) => vector.byteLength === byteLength)
      .map(([id, vector]) => ({ noun, id, score: product(this.#vector, new Float32Array(vector)) }))
    if (ranked.length > 0) this.#parts.push({ ranked: ranked.sort((a, b) => b.score - a.score), at: 0 })
  }

  /** Returns the next ones, best first; none at the end. */
  next(count: number): readonly Ranked[] {
    const found: Ranked[] = []
    while (found.length < count) {
      let best: Part | undefined
      let score = Number.NEGATIVE_INFINITY
      for (const part of this.#parts) {
        const own = part.ranked[part.at]?.score
        if (own === undefined || own <= score) continue
        best = part
        score = own
      }
      const ranked = best?.ranked[best.at]
      if (best === undefined || ranked === undefined) break
      best.at++
      found.push(ranked)
    }
    return found
  }
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0)
  return sum
}
