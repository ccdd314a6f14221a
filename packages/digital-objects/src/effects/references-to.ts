// The references of a tenant's Nouns to one of them.

import type { NounSchema, ReferenceField } from '../noun/schema.ts'

export interface Referring {
  readonly schema: NounSchema
  readonly field: ReferenceField
}

/** A pure cache: it depends only on the frozen list of Nouns. */
const known = new WeakMap<readonly NounSchema[], ReadonlyMap<string, readonly Referring[]>>()

/** Returns the references in the order of the Nouns and their fields. */
export function referringFields(nouns: readonly NounSchema[], name: string): readonly Referring[] {
  let references = known.get(nouns)
  if (references === undefined) known.set(nouns, (references = listReferences(nouns)))
  return references.get(name) ?? []
}

function listReferences(nouns: readonly NounSchema[]): ReadonlyMap<string, readonly Referring[]> {
  const references = new Map<string, Referring[]>()
  for (const schema of nouns)
    for (const field of Object.values(schema.fields)) {
      if (field.kind !== 'reference') continue
      for (const to of field.to) {
        const list = references.get(to) ?? []
        list.push({ schema, field })
        references.set(to, list)
      }
    }
  return references
}
