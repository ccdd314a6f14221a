// The connection of a tenant to a model of vectors, as the index and searches use it.

import type { ObjectParts, SearchedNoun } from '@dotdo/service'
import { compareText } from 'digital-objects'
import type { Embedded } from '../model/embedder.ts'
import { embedderOf, type EmbedderConnection, embeddingsOf, type ModelAccess } from '../model/model-of.ts'
import { ModelRefused } from '../model/model.ts'
import { EmbeddingUse } from './embedding-use.ts'

export interface EmbeddingsOptions {
  readonly parts: ObjectParts
  readonly access: ModelAccess
  readonly now: () => number
}

export class Embeddings {
  readonly parts: ObjectParts
  readonly use: EmbeddingUse
  readonly #access: ModelAccess

  constructor({ parts, access, now }: EmbeddingsOptions) {
    this.parts = parts
    this.use = new EmbeddingUse(parts, now)
    this.#access = access
  }

  /** The connection is undefined if the tenant has none. */
  get connection(): EmbedderConnection | undefined {
    return embeddingsOf(this.#access, this.parts)
  }

  /** The Nouns whose texts get vectors. */
  nounsOf({ settings: { types } }: EmbedderConnection): readonly SearchedNoun[] {
    return this.parts
      .nouns()
      .filter(({ name, searchable }) => searchable.length > 0 && (types === null || types.includes(name)))
      .toSorted((a, b) => compareText(a.name, b.name))
  }

  /** Throws a ModelRefused, also for vectors that cannot be compared with those of the index. */
  async embed(connection: EmbedderConnection, texts: readonly string[]): Promise<Embedded> {
    const { model, dimensions } = connection.settings
    const embedder = await embedderOf(this.#access, this.parts, connection)
    const embedded = await embedder.embed({ model, texts, dimensions: dimensions ?? undefined })
    const expected = dimensions ?? this.parts.vectors()?.dimensions
    const size = embedded.vectors[0]?.length
    if (expected !== undefined && size !== expected)
      throw new ModelRefused(`the model gave vectors of ${size} numbers, and those of the index have ${expected}`, {
        isPermanent: false,
      })
    return embedded
  }
}

/** Names what the vectors depend on besides the texts. Vectors of another basis cannot be compared. */
export function basisOf({ server, settings: { model, dimensions } }: EmbedderConnection): string {
  return JSON.stringify([server, model, dimensions])
}
