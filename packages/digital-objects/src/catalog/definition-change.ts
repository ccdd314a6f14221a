// What a change of a definition takes away, as data: each item is a rule that stored entities have to satisfy, so the
// store can count those that do not. What a new rule merely would refuse (a range, a required field) is not among them:
// such values stay, and are held to the rule at their next write.

import { storageClassOf } from '../filter/storage-class.ts'
import type { NounSchema, StoredField } from '../noun/schema.ts'

export type TakenAway =
  /** The field is gone, or is stored otherwise: no entity may have a value in it. */
  | { readonly kind: 'field'; readonly field: StoredField }
  /** An enum's list is shorter: no entity may have another value than these. */
  | { readonly kind: 'values'; readonly field: StoredField; readonly left: readonly string[] }
  /** A reference leads to fewer Nouns: no entity may refer to one of the others. */
  | { readonly kind: 'targets'; readonly field: StoredField; readonly left: readonly string[] }
  /** A field became unique: no value may be there twice. */
  | { readonly kind: 'doubles'; readonly field: StoredField }
  | { readonly kind: 'pathDoubles'; readonly path: string; readonly field: string; readonly keys: readonly string[] }

export function takenAway(before: NounSchema, after: NounSchema): readonly TakenAway[] {
  const taken: TakenAway[] = []
  for (const field of storedFields(before)) {
    const next = storedField(after, field.name)
    if (next === undefined || storageClassOf(next) !== storageClassOf(field)) {
      taken.push({ kind: 'field', field })
      continue
    }
    if (next.kind === 'enum' && (field.kind !== 'enum' || field.values.some((value) => !next.values.includes(value))))
      taken.push({ kind: 'values', field, left: next.values })
    if (next.kind === 'reference' && (field.kind !== 'reference' || field.to.some((to) => !next.to.includes(to))))
      taken.push({ kind: 'targets', field, left: next.to })
    if (next.unique && !field.unique) taken.push({ kind: 'doubles', field: next })
  }
  for (const { path, field, keys, unique } of after.indexes) {
    if (unique && !before.indexes.some((index) => index.unique && index.path === path))
      taken.push({ kind: 'pathDoubles', path, field, keys })
  }
  return taken
}

export function storedFields(schema: NounSchema): readonly StoredField[] {
  return Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
}

function storedField(schema: NounSchema, name: string): StoredField | undefined {
  const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
  return field === undefined || field.kind === 'reverse' ? undefined : field
}

/** The Nouns that have a reference to this one, as `Vehicle.owner`. */
export function referencesTo(name: string, nouns: readonly NounSchema[]): readonly string[] {
  return nouns.flatMap((noun) =>
    storedFields(noun)
      .filter((field) => field.kind === 'reference' && field.to.includes(name) && noun.name !== name)
      .map((field) => `${noun.name}.${field.name}`),
  )
}
