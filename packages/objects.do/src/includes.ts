// `include`: relations of an entity, one level deep. A reference's id is replaced by the entity, null if that is gone;
// a reverse relation becomes the list of those that refer to it, newest first.

import {
  type Entity,
  type Field,
  type JsonValue,
  nearestName,
  type NounLookup,
  type NounSchema,
  ObjectError,
  type ReferenceField,
  type ReverseField,
} from 'digital-objects'
import type { EntityVersion } from './entity-version.ts'

/** A list that is included stops here; `find` on the other side pages through all of it. */
const includedMax = 100

/** What includes are read from: everything that it gives was true at the one moment of the read. */
export interface RelatedReader {
  get(schema: NounSchema, id: string): EntityVersion | undefined
  /** The first, newest first, whose reference `by` is `id`. */
  referring(schema: NounSchema, request: { by: string; id: string; limit: number }): readonly EntityVersion[]
  toEntity(schema: NounSchema, version: EntityVersion): Entity
}

export type Relation = ReferenceField | ReverseField

export function parseIncludes(schema: NounSchema, names: readonly string[] | undefined): readonly Relation[] {
  return (names ?? []).map((name) => {
    const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
    if (field !== undefined && isRelation(field)) return field
    const relations = Object.values(schema.fields)
      .filter(isRelation)
      .map((relation) => relation.name)
    const nearest = nearestName(name, relations)
    const hint =
      nearest === undefined ? `its relations are ${relations.join(', ') || 'none'}` : `did you mean '${nearest}'?`
    throw new ObjectError({
      code: 'invalid_include',
      field: 'include',
      message: `${schema.name} has no relation '${name.slice(0, 64)}'; ${hint}`,
    })
  })
}

export function isRelation(field: Field): field is Relation {
  return field.kind === 'reference' || field.kind === 'reverse'
}

/** An entity whose relations may be entities in turn. */
export type Included = { readonly [field: string]: JsonValue | Entity | readonly Entity[] | null }

export function withIncludes(options: {
  reader: RelatedReader
  lookup: NounLookup
  schema: NounSchema
  version: EntityVersion
  includes: readonly Relation[]
}): Included {
  const { reader, lookup, schema, version, includes } = options
  const entity = reader.toEntity(schema, version)
  if (includes.length === 0) return entity
  const included: Record<string, Included[string]> = { ...entity }
  for (const relation of includes) {
    const value =
      relation.kind === 'reference'
        ? referred({ reader, lookup, relation, id: version.fields[relation.name] })
        : referring({ reader, lookup, relation, id: version.id })
    if (value !== undefined) included[relation.name] = value
  }
  return included
}

function referred(options: {
  reader: RelatedReader
  lookup: NounLookup
  relation: ReferenceField
  id: JsonValue | undefined
}): Entity | null | undefined {
  const { reader, lookup, relation, id } = options
  if (typeof id !== 'string') return undefined
  const schema = referredNoun(relation, id, lookup)
  const version = schema === undefined ? undefined : reader.get(schema, id)
  return schema === undefined || version === undefined ? null : reader.toEntity(schema, version)
}

/** Of the Nouns that a reference may point to, the one that its value is an id of. */
export function referredNoun(relation: ReferenceField, id: string, lookup: NounLookup): NounSchema | undefined {
  return relation.to
    .map((name) => lookup(name))
    .find((schema) => schema !== undefined && id.startsWith(`${schema.idPrefix}_`))
}

function referring(options: {
  reader: RelatedReader
  lookup: NounLookup
  relation: ReverseField
  id: string
}): readonly Entity[] | Entity | null {
  const { reader, lookup, relation, id } = options
  const schema = lookup(relation.from)
  if (schema === undefined) return relation.many ? [] : null
  const versions = reader.referring(schema, { by: relation.by, id, limit: relation.many ? includedMax : 1 })
  const entities = versions.map((version) => reader.toEntity(schema, version))
  return relation.many ? entities : (entities[0] ?? null)
}
