// What a tenant may call its own Nouns and their fields. Names compare without regard to case, as SQLite, file systems
// and the prefixes of ids do.

import type { NounDefinition } from '../noun/definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { isReservedNounName, reservedNounNames } from './reserved-names.ts'

/** The OpenAPI document has these forms of each Noun beside it. */
const suffixes = ['Create', 'Update'] as const

/** Throws an ObjectError `invalid_definition`. `others` are the names that are in use. */
export function checkNounName(name: string, others: readonly string[]): void {
  if (isReservedNounName(name))
    throw wrong(name, `the name is reserved; reserved names are ${reservedNounNames.join(', ')}, and sqlite…`)
  const lower = name.toLowerCase()
  for (const other of others) {
    if (other.toLowerCase() === lower)
      throw wrong(name, `there is a Noun '${other}' already, and names compare without regard to case`)
    for (const suffix of suffixes) {
      const [longer, shorter] = name.length > other.length ? [name, other] : [other, name]
      if (longer.toLowerCase() === `${shorter}${suffix}`.toLowerCase())
        throw wrong(name, `'${longer}' is what ${suffix.toLowerCase()} takes for ${shorter}; choose another name`)
    }
  }
}

/** Throws an ObjectError `invalid_definition` for two fields or verbs that differ in case alone. */
export function checkMemberNames(noun: string, { fields }: NounDefinition): void {
  const known = new Map<string, string>()
  for (const name of Object.keys(fields)) {
    const before = known.get(name.toLowerCase())
    if (before !== undefined)
      throw new ObjectError({
        code: 'invalid_definition',
        field: name,
        message: `${noun}: '${before}' and '${name}' are one name, since names compare without regard to case`,
      })
    known.set(name.toLowerCase(), name)
  }
}

function wrong(noun: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_definition', field: 'name', message: `${noun.slice(0, 64)}: ${message}` })
}
