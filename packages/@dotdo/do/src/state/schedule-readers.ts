// The fields of related entities that schedules read: a change of one moves the times of others.

import type { NounSchema } from 'digital-objects'

export interface FieldReader {
  /** The Noun whose schedules read the field. */
  readonly noun: string
  readonly field: string
}

/** A pure cache: it depends only on the frozen list. */
const readers = new WeakMap<readonly NounSchema[], ReadonlyMap<string, readonly FieldReader[]>>()

/** Returns the fields that schedules of other Nouns read, by the Noun that has them. */
export function readersOf(nouns: readonly NounSchema[]): ReadonlyMap<string, readonly FieldReader[]> {
  const known = readers.get(nouns)
  if (known !== undefined) return known
  const made = new Map<string, FieldReader[]>()
  for (const { name, schedules, fields } of nouns) {
    for (const { after } of schedules) {
      if (typeof after !== 'object' || !('of' in after)) continue
      const reference = fields[after.of]
      for (const to of reference?.kind === 'reference' ? reference.to : [])
        made.set(to, [...(made.get(to) ?? []), { noun: name, field: after.field }])
    }
  }
  readers.set(nouns, made)
  return made
}
