// Links the built-in Nouns with those that services bring. A built-in Noun may declare the inverse of a reference that only a
// service has: where the service is missing, so is the inverse. References of services add inverses that nobody declares.

import { ObjectError } from '../base/object-error.ts'
import type { Field, NounSchema } from '../noun/schema.ts'
import { inversesOf } from './link-relations.ts'

/** Removes the inverses that built-in Nouns declare of references that do not exist. */
export function withoutUnknownInverses(
  schemas: Map<string, NounSchema>,
  { builtIn, own }: { readonly builtIn: readonly NounSchema[]; readonly own: ReadonlySet<string> },
): void {
  for (const base of builtIn) {
    const schema = schemas.get(base.name)
    if (schema === undefined || own.has(base.name)) continue
    const fields = Object.entries(schema.fields).filter(
      ([name, field]) => !isSameInverse(field, base.fields[name]) || isKnown(schema.name, field, schemas),
    )
    if (fields.length < Object.keys(schema.fields).length) schemas.set(schema.name, withFields(schema, fields))
  }
}

function isSameInverse(field: Field, other: Field | undefined): boolean {
  return field.kind === 'reverse' && other?.kind === 'reverse' && field.from === other.from && field.by === other.by
}

function isKnown(name: string, field: Field, schemas: ReadonlyMap<string, NounSchema>): boolean {
  if (field.kind !== 'reverse') return true
  const by = schemas.get(field.from)?.fields[field.by]
  if (by?.kind !== 'reference') return false
  return by.any === true || (by.to.includes(name) && field.many === !by.unique)
}

/** Adds the inverses of references of built-in Nouns, except where the other Noun has another member of that name. */
export function linkBuiltIn(schemas: Map<string, NounSchema>, own: ReadonlySet<string>): void {
  for (const schema of schemas.values()) {
    if (own.has(schema.name)) continue
    for (const field of Object.values(schema.fields))
      if (field.kind === 'reference' && field.any !== true)
        for (const to of field.to) addInverse(schemas, schema, { ...field, to: [to] })
  }
}

function addInverse(
  schemas: Map<string, NounSchema>,
  schema: NounSchema,
  field: Parameters<typeof inversesOf>[1],
): void {
  try {
    for (const { target, reverse } of inversesOf(schema, field, {
      lookup: (name) => schemas.get(name),
      builtIn: new Set(),
    }))
      schemas.set(target.name, withFields(target, [...Object.entries(target.fields), [reverse.name, reverse]]))
  } catch (error) {
    // The reference works without its inverse.
    if (!(error instanceof ObjectError)) throw error
  }
}

function withFields(schema: NounSchema, fields: readonly (readonly [string, Field])[]): NounSchema {
  return Object.freeze({ ...schema, fields: Object.freeze(Object.fromEntries(fields)) })
}
