// Checks a Noun's relations against the Nouns that they refer to, which must exist, and adds the inverses to those Nouns.

import { invalidDefinition } from '../noun/invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { checkMemberName } from '../noun/make-schema.ts'
import type { Field, NounLookup, NounSchema, ReferenceField, ReverseField } from '../noun/schema.ts'

/** Replaces the Nouns in `schemas` that gain an inverse. Throws an ObjectError `invalid_definition` and then adds none. */
export function linkRelations(schema: NounSchema, schemas: Map<string, NounSchema>): void {
  const fields = Object.values(schema.fields)
  for (const field of fields) if (field.kind === 'reverse') checkReverse(schema, field, schemas)
  const single = fields.filter((field) => field.kind === 'reference' && hasSingleInverse(schema, field, schemas))
  if (single.length > 0) schemas.set(schema.name, withUnique(schema, single))
  // A later reference of the same Noun must see the inverses that an earlier one adds.
  const linked = new Map<string, NounSchema>()
  for (const field of fields) {
    if (field.kind !== 'reference' || field.any === true) continue
    for (const { target, reverse } of inversesOf(schema, field, (name) => linked.get(name) ?? schemas.get(name)))
      linked.set(
        target.name,
        Object.freeze({ ...target, fields: Object.freeze({ ...target.fields, [reverse.name]: reverse }) }),
      )
  }
  for (const [name, target] of linked) schemas.set(name, target)
}

function checkReverse({ name }: NounSchema, reverse: ReverseField, schemas: ReadonlyMap<string, NounSchema>): void {
  const other = schemas.get(reverse.from)
  const field = other !== undefined && Object.hasOwn(other.fields, reverse.by) ? other.fields[reverse.by] : undefined
  if (field?.kind === 'reference' && (field.any === true || field.to.includes(name))) return
  throw invalidRelation(
    name,
    reverse.name,
    `expects the name of a reference to ${name}; ${reverse.from}.${reverse.by} is not one`,
  )
}

/** Whether another Noun declares the reference's inverse as a single one, `<- Garage.owner`, so that it is one-to-one. */
function hasSingleInverse(
  { name }: NounSchema,
  { name: by, to, inverse, many, unique }: ReferenceField,
  schemas: ReadonlyMap<string, NounSchema>,
): boolean {
  if (many || unique) return false
  return to.some((target) =>
    Object.values(schemas.get(target)?.fields ?? {}).some(
      (field) =>
        field.kind === 'reverse' &&
        !field.many &&
        field.from === name &&
        field.by === by &&
        (inverse === undefined || field.name === inverse),
    ),
  )
}

function withUnique(schema: NounSchema, single: readonly Field[]): NounSchema {
  const unique = single.map((field) => [field.name, Object.freeze({ ...field, unique: true })] as const)
  return Object.freeze({ ...schema, fields: Object.freeze({ ...schema.fields, ...Object.fromEntries(unique) }) })
}

/** Returns the inverses that the referenced Nouns do not have yet. */
function inversesOf(
  { name }: NounSchema,
  field: ReferenceField,
  lookup: NounLookup,
): readonly { readonly target: NounSchema; readonly reverse: ReverseField }[] {
  return field.to.flatMap((to) => {
    const target = lookup(to)
    if (target === undefined) throw invalidRelation(name, field.name, `refers to the unknown Noun '${to}'`)
    const { inverse } = field
    if (inverse === undefined) return []
    const present = Object.hasOwn(target.fields, inverse) ? target.fields[inverse] : undefined
    if (present?.kind === 'reverse' && present.from === name && present.by === field.name) {
      if (present.many && field.unique)
        throw invalidRelation(name, field.name, `is one-to-one, but ${to}.${inverse} is a list`)
      return []
    }
    checkMemberName(to, inverse)
    // An inverse of a reference to any Noun gives way, since it came later than definitions that name the same.
    const isAny = present?.kind === 'reverse' && isReferenceToAny(lookup(present.from)?.fields[present.by])
    const twin = [...Object.keys(target.fields), ...Object.keys(target.verbs)].find(
      (other) => other.toLowerCase() === inverse.toLowerCase() && !(isAny && other === inverse),
    )
    if (twin !== undefined)
      throw invalidRelation(
        name,
        field.name,
        `names the inverse ${to}.${inverse}, but ${to}.${twin} is another field or verb`,
      )
    const many = !field.unique
    return [{ target, reverse: Object.freeze({ kind: 'reverse', name: inverse, from: name, by: field.name, many }) }]
  })
}

function isReferenceToAny(field: Field | undefined): boolean {
  return field?.kind === 'reference' && field.any === true
}

function invalidRelation(noun: string, field: string, message: string): ObjectError {
  return invalidDefinition(field, `${noun}.${field} ${message}`)
}
