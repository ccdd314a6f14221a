// Checks a Noun's relations against the Nouns that they refer to, which must exist, and adds the inverses to those Nouns.

import { invalidDefinition } from '../noun/invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { checkMemberName } from '../noun/make-schema.ts'
import { isUnusedByRules } from './later-field.ts'
import type { Field, NounLookup, NounSchema, ReferenceField, ReverseField } from '../noun/schema.ts'

/**
 * Replaces the Nouns in `schemas` that gain an inverse. A field of a built-in Noun gives way to it, if no rule uses the field:
 * it came later than the definition, since a new definition cannot name it. Throws an ObjectError `invalid_definition` and then
 * adds none.
 */
export function linkRelations(
  schema: NounSchema,
  schemas: Map<string, NounSchema>,
  builtIn: ReadonlySet<string> = new Set(),
): void {
  const fields = Object.values(schema.fields)
  for (const field of fields) if (field.kind === 'reverse') checkReverse(schema, field, schemas)
  const single = fields.filter((field) => field.kind === 'reference' && hasSingleInverse(schema, field, schemas))
  if (single.length > 0) schemas.set(schema.name, withUnique(schema, single))
  // A later reference of the same Noun must see the inverses that an earlier one adds.
  const linked = new Map<string, NounSchema>()
  for (const field of fields) {
    if (field.kind !== 'reference' || field.any === true) continue
    const lookup = (name: string): NounSchema | undefined => linked.get(name) ?? schemas.get(name)
    for (const { target, reverse } of inversesOf(schema, field, { lookup, builtIn }))
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
export function inversesOf(
  { name, service }: NounSchema,
  field: ReferenceField,
  { lookup, builtIn }: { readonly lookup: NounLookup; readonly builtIn: ReadonlySet<string> },
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
    const twin = [...Object.keys(target.fields), ...Object.keys(target.verbs)].find(
      (other) => other.toLowerCase() === inverse.toLowerCase(),
    )
    const mayTake = service === undefined && twin === inverse && givesWay(target, inverse, { lookup, builtIn })
    if (twin !== undefined && !mayTake)
      throw invalidRelation(
        name,
        field.name,
        `names the inverse ${to}.${inverse}, but ${to}.${twin} is another field or verb`,
      )
    const many = !field.unique
    return [{ target, reverse: Object.freeze({ kind: 'reverse', name: inverse, from: name, by: field.name, many }) }]
  })
}

/** Whether the member came later than definitions that name the same. */
function givesWay(
  target: NounSchema,
  name: string,
  { lookup, builtIn }: { readonly lookup: NounLookup; readonly builtIn: ReadonlySet<string> },
): boolean {
  const field = Object.hasOwn(target.fields, name) ? target.fields[name] : undefined
  if (field === undefined) return false
  if (field.kind === 'reverse') {
    const from = lookup(field.from)
    return from?.service !== undefined || isReferenceToAny(from?.fields[field.by])
  }
  return builtIn.has(target.name) && field.kind !== 'reference' && isUnusedByRules(target.definition, name)
}

function isReferenceToAny(field: Field | undefined): boolean {
  return field?.kind === 'reference' && field.any === true
}

function invalidRelation(noun: string, field: string, message: string): ObjectError {
  return invalidDefinition(field, `${noun}.${field} ${message}`)
}
