// The sentences that describe a built-in Noun. Each stands in the file of its Noun but apart from the Noun's value, so that
// a bundler leaves it out of a client.

import type { FieldTexts } from '../noun/definition.ts'

/** Everywhere one sentence for people who use the API. */
export interface NounTexts<Type extends { readonly $definition: FieldTexts }> {
  readonly about: string
  /** By the name of the field or verb; none is missing. */
  readonly descriptions: {
    readonly [Name in keyof Type['$definition'] as Type['$definition'][Name] extends null ? never : Name]: string
  }
}

/** Every built-in Noun has this field. */
export const metadataText = 'Data of your own as a JSON object; an update replaces the whole object.'
