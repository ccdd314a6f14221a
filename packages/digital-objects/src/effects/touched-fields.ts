// The fields that effects touch: times that other verbs move forward. A caller who has read the entity before a touch can
// still change its other fields.

import { relatedNouns } from '../noun/related-nouns.ts'
import type { NounSchema } from '../noun/schema.ts'

const none: ReadonlySet<string> = new Set()

/** A pure cache: it depends only on the frozen list of Nouns. */
const known = new WeakMap<readonly NounSchema[], ReadonlyMap<string, ReadonlySet<string>>>()

export function touchedFields(nouns: readonly NounSchema[], name: string): ReadonlySet<string> {
  let touched = known.get(nouns)
  if (touched === undefined) known.set(nouns, (touched = listTouched(nouns)))
  return touched.get(name) ?? none
}

function listTouched(nouns: readonly NounSchema[]): ReadonlyMap<string, ReadonlySet<string>> {
  const touched = new Map<string, Set<string>>()
  for (const schema of nouns)
    for (const { effect } of Object.values(schema.verbs))
      for (const related of effect.related ?? []) {
        if (related.kind !== 'touch') continue
        for (const noun of relatedNouns(schema, related.of)) {
          const fields = touched.get(noun) ?? new Set()
          for (const field of Object.keys(related.sets)) fields.add(field)
          touched.set(noun, fields)
        }
      }
  return touched
}
