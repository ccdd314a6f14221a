// A model of vectors: texts with like meaning get vectors with like directions.

export interface Embedder {
  /** Rejects with a ModelRefused, or another error if the model cannot be reached. */
  readonly embed: (request: EmbedRequest) => Promise<Embedded>
}

export interface EmbedRequest {
  /** The name of the model. */
  readonly model: string
  readonly texts: readonly string[]
  /** The numbers of a vector, for models that make shorter ones. */
  readonly dimensions?: number | undefined
}

export interface Embedded {
  /** A vector of length 1 for each text, in their order, all of one size. */
  readonly vectors: readonly Float32Array[]
  readonly tokens: number
}
