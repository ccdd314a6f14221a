// The descriptions of a built-in Noun. They are exported from the Noun's file as a separate value, so that a bundler can
// drop them from a client.

/** Each description is one sentence for users of the API. */
export interface NounTexts {
  readonly about: string
  /** Maps the name of a field or verb to its description. A test finds missing ones; a type would slow compilation. */
  readonly descriptions: Readonly<Record<string, string>>
}

/** Every built-in Noun has this field, and all but Event can be updated. */
export const metadataText = 'Data of your own as JSON; an update merges into it, and null removes a key.'

export const commentsText = 'Comments on it.'
export const filesText = 'Files attached to it.'
export const tagsText = 'Keywords to find it by.'
