// Names that a tenant may give to its own Nouns and their fields. Names compare without regard to case, because SQLite,
// file systems and id prefixes ignore it.

import type { NounDefinition } from '../noun/definition.ts'
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

/** Throws an ObjectError `invalid_definition` if two fields or verbs differ only in letter case. */
export function checkMemberNames(noun: string, { fields }: NounDefinition): void {
  const known = new Map<string, string>()
  for (const name of Object.keys(fields)) {
    const before = known.get(name.toLowerCase())
    if (before !== undefined)
      throw new ObjectError({
        code: 'invalid_definition',
        field: name,
        message: `${noun}: '${before}' and '${name}' differ only in letter case`,
      })
    known.set(name.toLowerCase(), name)
  }
}

function invalidName(noun: string, message: string): ObjectError {
  return invalidDefinition('name', `${noun.slice(0, 64)}: ${message}`)
}
