// Checks the sentences that describe a Noun, its fields and its verbs.

import { invalidDefinition } from './invalid-definition.ts'
import type { NounSchema } from './schema.ts'

const sentenceCharactersMax = 300

/** Throws an ObjectError `invalid_definition`. */
export function checkDescriptions({ name: noun, about, fields, verbs, definition }: NounSchema): void {
  if (about !== undefined) checkSentence(noun, 'about', about)
  for (const [name, description] of Object.entries(definition.descriptions ?? {})) {
    if (!Object.hasOwn(fields, name) && !Object.hasOwn(verbs, name))
      throw invalidDefinition('descriptions', `${noun}: unknown field or verb '${name.slice(0, 100)}'`)
    if (description !== undefined) checkSentence(noun, name, description)
  }
}

function checkSentence(noun: string, field: string, sentence: string): void {
  if (sentence.trim() !== '' && sentence.length <= sentenceCharactersMax && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(sentence))
    return
  throw invalidDefinition(
    field,
    `${noun}: the description of '${field}' must be one line of at most ${sentenceCharactersMax} characters, got ${sentence.length}`,
  )
}
