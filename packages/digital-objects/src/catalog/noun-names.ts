// Names that a tenant may give to its own Nouns. Names compare without regard to case, because SQLite, file systems and id
// prefixes ignore it.

import { invalidDefinition } from '../noun/invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { isReservedNounName, reservedNounNames } from './reserved-names.ts'

/** The OpenAPI document has a schema with each of these suffixes for every Noun. */
const suffixes = ['Create', 'Update'] as const

/** Throws an ObjectError `invalid_definition`. `others` are the names already in use. */
export function checkNounName(name: string, others: readonly string[]): void {
  if (isReservedNounName(name))
    throw invalidName(name, `the name is reserved; reserved names are ${reservedNounNames.join(', ')}, and sqlite…`)
  const lower = name.toLowerCase()
  for (const other of others) {
    if (other.toLowerCase() === lower)
      throw invalidName(name, `a Noun '${other}' already exists, and names compare without regard to case`)
    for (const suffix of suffixes) {
      const [longer, shorter] = name.length > other.length ? [name, other] : [other, name]
      if (longer.toLowerCase() === `${shorter}${suffix}`.toLowerCase())
        throw invalidName(
          name,
          `'${longer}' is the input of ${suffix.toLowerCase()} for ${shorter}; choose another name`,
        )
    }
  }
}

/** Whether two Nouns of these names can be in one catalog. */
export function fitsBeside(name: string, other: string): boolean {
  try {
    checkNounName(name, [other])
    return true
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    return false
  }
}

function invalidName(noun: string, message: string): ObjectError {
  return invalidDefinition('name', `${noun.slice(0, 64)}: ${message}`)
}
