// The removals in a change of a definition, as data. Each item is a condition on stored entities, so that the store can
// count the entities that violate it. New restrictions on values (a range, a required field) are not removals: stored
// values stay, and are validated at their next write.

import { storageClassOf } from '../filter/storage-class.ts'
import type { NounSchema, StoredField } from '../noun/schema.ts'

export type Removal =
  /** The field was removed or has another storage class: no entity may have a value in it. */
  | { readonly kind: 'field'; readonly field: StoredField }
  /** An enum lost values: no entity may have a value that is not left. */
  | { readonly kind: 'values'; readonly field: StoredField; readonly left: readonly string[] }
  /** A reference lost targets: no entity may refer to a Noun that is not left. */
  | { readonly kind: 'targets'; readonly field: StoredField; readonly left: readonly string[] }
  /** A field became unique: no two entities may have the same value. */
  | { readonly kind: 'duplicates'; readonly field: StoredField }
  | { readonly kind: 'pathDuplicates'; readonly path: string; readonly field: string; readonly keys: readonly string[] }

export function listRemovals(before: NounSchema, after: NounSchema): readonly Removal[] {
  const removals: Removal[] = []
  for (const field of storedFields(before)) {
    const next = storedField(after, field.name)
    if (next === undefined || storageClassOf(next) !== storageClassOf(field)) {
      removals.push({ kind: 'field', field })
      continue
    }
    if (next.kind === 'enum' && (field.kind !== 'enum' || field.values.some((value) => !next.values.includes(value))))
      removals.push({ kind: 'values', field, left: next.values })
    const isAny = next.kind === 'reference' && next.any === true
    if (
      next.kind === 'reference' &&
      !isAny &&
      (field.kind !== 'reference' || field.to.some((to) => !next.to.includes(to)))
    )
      removals.push({ kind: 'targets', field, left: next.to })
    if (next.unique && !field.unique) removals.push({ kind: 'duplicates', field: next })
  }
  for (const { path, field, keys, unique } of after.indexes) {
    if (unique && !before.indexes.some((index) => index.unique && index.path === path))
      removals.push({ kind: 'pathDuplicates', path, field, keys })
  }
  return removals
}

export function storedFields(schema: NounSchema): readonly StoredField[] {
  return Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
}

function storedField(schema: NounSchema, name: string): StoredField | undefined {
  const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
  return field === undefined || field.kind === 'reverse' ? undefined : field
}

/** Returns the references of other Nouns that name this one, such as `Vehicle.owner`; not those to any Noun. */
export function referencesTo(name: string, nouns: readonly NounSchema[]): readonly string[] {
  return nouns.flatMap((noun) =>
    storedFields(noun)
      .filter(
        (field) => field.kind === 'reference' && field.any !== true && field.to.includes(name) && noun.name !== name,
      )
      .map((field) => `${noun.name}.${field.name}`),
  )
}
