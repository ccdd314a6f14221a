// The sentences that describe a built-in Noun. They stand in the file of their Noun but apart from its value, so that a
// bundler leaves them out of a client.

/** Each is one sentence for people who use the API. */
export interface NounTexts {
  readonly about: string
  /** By the name of the field or verb. A test tells which is missing; a type that did would slow every compilation. */
  readonly descriptions: Readonly<Record<string, string>>
}

/** Every built-in Noun has this field, and all but Event can be updated. */
export const metadataText = 'Data of your own as JSON; an update replaces all of it.'
