// Checks a Noun's relations against the Nouns that they refer to, which must exist, and adds the inverses to those Nouns.

import { invalidDefinition } from '../noun/invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import type { NounSchema, ReferenceField, ReverseField } from '../noun/schema.ts'

/** Replaces the Nouns in `schemas` that gain an inverse. Throws an ObjectError `invalid_definition` and then adds none. */
export function linkRelations(schema: NounSchema, schemas: Map<string, NounSchema>): void {
  const fields = Object.values(schema.fields)
  for (const field of fields) if (field.kind === 'reverse') checkReverse(schema, field, schemas)
  const gains = fields.flatMap((field) => (field.kind === 'reference' ? inversesOf(schema, field, schemas) : []))
  for (const { to, reverse } of gains) {
    const target = schemas.get(to)
    if (target === undefined) continue
    schemas.set(to, Object.freeze({ ...target, fields: Object.freeze({ ...target.fields, [reverse.name]: reverse }) }))
  }
}

function checkReverse({ name }: NounSchema, reverse: ReverseField, schemas: ReadonlyMap<string, NounSchema>): void {
  const other = schemas.get(reverse.from)
  const field = other !== undefined && Object.hasOwn(other.fields, reverse.by) ? other.fields[reverse.by] : undefined
  if (field?.kind === 'reference' && field.to.includes(name)) return
  throw invalidRelation(
    name,
    reverse.name,
    `expects the name of a reference to ${name}; ${reverse.from}.${reverse.by} is not one`,
  )
}

/** Returns the inverses that the referenced Nouns do not have yet. */
function inversesOf(
  { name }: NounSchema,
  field: ReferenceField,
  schemas: ReadonlyMap<string, NounSchema>,
): readonly { readonly to: string; readonly reverse: ReverseField }[] {
  return field.to.flatMap((to) => {
    const target = schemas.get(to)
    if (target === undefined) throw invalidRelation(name, field.name, `refers to the unknown Noun '${to}'`)
    const { inverse } = field
    if (inverse === undefined) return []
    const present = Object.hasOwn(target.fields, inverse) ? target.fields[inverse] : undefined
    if (present === undefined) {
      const reverse = { kind: 'reverse', name: inverse, from: name, by: field.name, many: true } as const
      return [{ to, reverse: Object.freeze(reverse) }]
    }
    if (present.kind === 'reverse' && present.from === name && present.by === field.name) return []
    throw invalidRelation(
      name,
      field.name,
      `names the inverse ${to}.${inverse}, which ${to} already has as another field`,
    )
  })
}

function invalidRelation(noun: string, field: string, message: string): ObjectError {
  return invalidDefinition(field, `${noun}.${field} ${message}`)
}
