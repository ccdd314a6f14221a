// `include`: relations of an entity, one level deep. The entity replaces a reference's id, or null if it was deleted; a
// list of ids becomes the list of entities that still exist; a reverse relation becomes the list of entities that refer
// to this one, newest first.

import {
  type Entity,
  type Field,
  type JsonValue,
  nearestName,
  type NounLookup,
  type NounSchema,
  ObjectError,
  type ReferenceField,
  referredIds,
  type ReverseField,
} from 'digital-objects'
import type { EntityVersion } from './entity-version.ts'

/** Limits an included list. `find` on the other Noun pages through all of it. */
const includedMax = 100

/** Reads the entities to include, all from the same point of the log. */
export interface RelatedReader {
  get(schema: NounSchema, id: string): EntityVersion | undefined
  /** Entities whose reference `by` is `id`, newest first, at most `limit`. */
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

/** An entity whose relations may be entities. */
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
        ? referred({ reader, lookup, relation, value: version.fields[relation.name] })
        : referring({ reader, lookup, relation, id: version.id })
    if (value !== undefined) included[relation.name] = value
  }
  return included
}

function referred(options: {
  reader: RelatedReader
  lookup: NounLookup
  relation: ReferenceField
  value: JsonValue | undefined
}): Entity | readonly Entity[] | null | undefined {
  const { reader, lookup, relation, value } = options
  const entityOf = (id: string): Entity | undefined => {
    const schema = referredNoun(relation, id, lookup)
    const version = schema === undefined ? undefined : reader.get(schema, id)
    return schema === undefined || version === undefined ? undefined : reader.toEntity(schema, version)
  }
  const ids = referredIds(value)
  if (relation.many) return ids.slice(0, includedMax).flatMap((id) => entityOf(id) ?? [])
  const [id] = ids
  return id === undefined ? undefined : (entityOf(id) ?? null)
}

/** Returns the Noun of the referenced entity, by the id's prefix. */
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
