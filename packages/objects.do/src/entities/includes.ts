// `include`: relations of an entity, one level deep. The entity replaces a reference's id, or null if it was deleted; a
// list of ids becomes the list of entities that still exist; a reverse relation becomes the list of entities that refer
// to this one, newest first. `$more` names each list that is longer than what is included, and where the rest is.

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
/** Limits the characters of one included list, which any single entity fits. */
const listCharactersMax = 2 ** 20
/** Limits the characters of all included lists of one entity. */
const listsCharactersMax = 4 * 2 ** 20
/** Limits the characters of all included references of one entity. An answer has room for them beside the lists. */
const referencesCharactersMax = 8 * 2 ** 20

export interface ReferringRequest {
  /** The reference. */
  readonly by: string
  readonly id: string
  readonly limit: number
  /** Entities with more characters together may be left out at the end. The default is the limit of a page. */
  readonly charactersMax?: number
}

/** Reads the entities to include, all from the same point of the log. */
export interface RelatedReader {
  get(schema: NounSchema, id: string): EntityVersion | undefined
  /** Entities whose reference `by` is `id`, newest first, at most `limit`. */
  referring(schema: NounSchema, request: ReferringRequest): readonly EntityVersion[]
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

/** All of a list that is longer than what is included: a `find`, or the ids that were left out. */
export type More =
  | { readonly noun: string; readonly filter: { readonly [by: string]: string } }
  | { readonly ids: readonly string[] }

interface Including {
  readonly reader: RelatedReader
  readonly lookup: NounLookup
  readonly schema: NounSchema
  readonly version: EntityVersion
  readonly includes: readonly Relation[]
}

/** Throws an ObjectError `invalid_include` if the included references are too large for one answer. */
export function withIncludes({ reader, lookup, schema, version, includes }: Including): Included {
  const entity = reader.toEntity(schema, version)
  if (includes.length === 0) return entity
  const included: Record<string, Included[string]> = { ...entity }
  const more: Record<string, More> = {}
  const part = { reader, lookup, id: version.id, lists: new Room(listsCharactersMax), more }
  const references = new Room(referencesCharactersMax)
  for (const relation of includes) {
    const ids = relation.kind === 'reference' ? referredIds(version.fields[relation.name]) : []
    const value = relation.many
      ? relation.kind === 'reference'
        ? referredList(part, relation, ids)
        : referringList(part, relation)
      : relation.kind === 'reference'
        ? referredOne(part, { relation, id: ids[0], room: references })
        : referringOne(part, { relation, room: references })
    if (value !== undefined) included[relation.name] = value
  }
  return Object.keys(more).length === 0 ? included : { ...included, $more: more }
}

/** Characters of JSON that may still be included. */
class Room {
  #left: number

  constructor(characters: number) {
    this.#left = characters
  }

  get left(): number {
    return this.#left
  }

  /** Returns false, and takes nothing, if the entity does not fit. */
  take(version: EntityVersion): boolean {
    const { length } = JSON.stringify(version.fields)
    if (length > this.#left) return false
    this.#left -= length
    return true
  }
}

interface Part extends Pick<Including, 'reader' | 'lookup'> {
  /** The id of the entity that includes. */
  readonly id: string
  readonly lists: Room
  /** Gets an entry for each list that is cut. */
  readonly more: Record<string, More>
}

/** A list of references. */
function referredList(part: Part, relation: ReferenceField, ids: readonly string[]): readonly Entity[] {
  const room = new Room(Math.min(listCharactersMax, part.lists.left))
  const entities: Entity[] = []
  for (const [at, id] of ids.entries()) {
    const found = at < includedMax ? findReferred(part, relation, id) : undefined
    const hasRoom =
      at < includedMax && (found === undefined || (room.take(found.version) && part.lists.take(found.version)))
    if (!hasRoom) {
      part.more[relation.name] = { ids: ids.slice(at) }
      break
    }
    if (found !== undefined) entities.push(part.reader.toEntity(found.schema, found.version))
  }
  return entities
}

function referringList({ reader, lookup, id, lists, more }: Part, relation: ReverseField): readonly Entity[] {
  const schema = lookup(relation.from)
  if (schema === undefined) return []
  const { by, name } = relation
  const versions = reader.referring(schema, { by, id, limit: includedMax + 1 })
  const room = new Room(Math.min(listCharactersMax, lists.left))
  const entities: Entity[] = []
  for (const version of versions) {
    if (entities.length === includedMax || !room.take(version) || !lists.take(version)) {
      more[name] = { noun: schema.name, filter: { [by]: id } }
      break
    }
    entities.push(reader.toEntity(schema, version))
  }
  return entities
}

function referredOne(
  part: Part,
  { relation, id, room }: { readonly relation: ReferenceField; readonly id: string | undefined; readonly room: Room },
): Entity | null | undefined {
  if (id === undefined) return undefined
  const found = findReferred(part, relation, id)
  return found === undefined ? null : fitted(part.reader, { ...found, room })
}

function referringOne(
  { reader, lookup, id }: Part,
  { relation, room }: { readonly relation: ReverseField; readonly room: Room },
): Entity | null {
  const schema = lookup(relation.from)
  const [version] = schema === undefined ? [] : reader.referring(schema, { by: relation.by, id, limit: 1 })
  return schema === undefined || version === undefined ? null : fitted(reader, { schema, version, room })
}

interface Found {
  readonly schema: NounSchema
  readonly version: EntityVersion
}

function fitted(reader: RelatedReader, { schema, version, room }: Found & { readonly room: Room }): Entity {
  if (room.take(version)) return reader.toEntity(schema, version)
  const message = `the included entities have more than ${referencesCharactersMax} characters; include fewer relations`
  throw new ObjectError({ code: 'invalid_include', field: 'include', message })
}

function findReferred({ reader, lookup }: Part, relation: ReferenceField, id: string): Found | undefined {
  const schema = referredNoun(relation, id, lookup)
  const version = schema === undefined ? undefined : reader.get(schema, id)
  return schema === undefined || version === undefined ? undefined : { schema, version }
}

/** Returns the Noun of the referenced entity, by the id's prefix. */
export function referredNoun(relation: ReferenceField, id: string, lookup: NounLookup): NounSchema | undefined {
  return relation.to
    .map((name) => lookup(name))
    .find((schema) => schema !== undefined && id.startsWith(`${schema.idPrefix}_`))
}
