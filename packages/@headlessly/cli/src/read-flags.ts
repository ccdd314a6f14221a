// The flags of commands that read entities, and the filter that they make.

import { isDate, type NounSchema, parseDatetime } from 'digital-objects'
import { storedFields } from './field-flag.ts'
import { Expected, type Flag, jsonObject } from './flag.ts'
import type { FlagValues } from './parse-flags.ts'

export const filterFlag: Flag = {
  name: 'filter',
  kind: 'value',
  placeholder: '<json>',
  about: `such as '{"value":{"$gte":1000}}'; field flags narrow it`,
  parse: jsonObject,
}
export const asOf: Flag = {
  name: 'as-of',
  kind: 'value',
  placeholder: '<timestamp>',
  about: 'read the state of that time: 2026-01-15T10:00:00Z, or of the end of a day in UTC: 2026-01-15',
  parse: parsePast,
}
export const include: Flag = {
  name: 'include',
  kind: 'value',
  placeholder: '<relation,…>',
  about: 'return related entities in full',
}
export const strong: Flag = { name: 'strong', kind: 'switch', about: 'read the latest committed state' }

/** A day is what was true at its end; today is now. */
function parsePast(text: string): string {
  if (parseDatetime(text) !== undefined) return text
  const end = `${text}T23:59:59.999Z`
  const endMs = isDate(text) ? parseDatetime(end) : undefined
  if (endMs === undefined) throw new Expected('a timestamp such as 2026-01-15T10:00:00Z, or a date')
  const now = new Date()
  return text === now.toISOString().slice(0, 10) ? now.toISOString() : end
}

/** Combines field flags and `--filter`: an entity must match both. `others` are the names of flags of the command's own. */
export function filterOf(
  schema: NounSchema,
  flags: FlagValues,
  { others }: { readonly others: readonly string[] },
): object {
  const given = storedFields(schema).filter(({ name }) => flags.has(name) && !others.includes(name))
  // An entity has all given values of a list; an empty list is no value.
  const equal = given.flatMap(({ name, many }) => {
    const value = flags.value(name)
    return many && Array.isArray(value) && value.length > 0
      ? value.map((item: unknown) => ({ [name]: item }))
      : [{ [name]: value }]
  })
  const filter = flags.object('filter')
  const parts = filter === undefined ? equal : [...equal, filter]
  return parts.length === 1 ? (parts[0] ?? {}) : parts.length === 0 ? {} : { $and: parts }
}
