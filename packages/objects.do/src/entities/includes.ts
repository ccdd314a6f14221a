// `include`: relations of an entity, up to three levels deep. The entity replaces a reference's id, or null if it was deleted;
// a list of ids becomes the list of entities that still exist; a reverse relation becomes the list of entities that refer
// to this one, newest first. `$more` of an entity names each of its lists that is longer than what is included, and where the
// rest is.

import {
  type Entity,
  type JsonValue,
  type NounLookup,
  type NounSchema,
  ObjectError,
  type ReferenceField,
  referredIds,
  type ReverseField,
} from 'digital-objects'
import type { EntityVersion } from './entity-version.ts'
import type { Include } from './parse-includes.ts'

/** Limits an included list. `find` on the other Noun pages through all of it. */
export const includedMax = 100
/** Limits the characters of one included list, which any single entity fits. */
const listCharactersMax = 2 ** 20
/** Limits the characters of all included lists of one entity. */
const listsCharactersMax = 4 * 2 ** 20
/** Limits the characters of all included references of one entity. An answer has room for them beside the lists. */
const referencesCharactersMax = 8 * 2 ** 20
/** Limits the entities in the nested lists of one entity. An empty list counts as one, since reading it costs as much. */
const nestedMax = 1_000

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

/** An entity whose relations may be entities. */
export type Included = {
  readonly [field: string]: JsonValue | Entity | Included | readonly (Entity | Included)[] | null
}

/** All of a list that is longer than what is included: a `find`, or the ids that were left out. */
export type More =
  | { readonly noun: string; readonly filter: { readonly [by: string]: string } }
  | { readonly ids: readonly string[] }

interface Including {
  readonly reader: RelatedReader
  readonly lookup: NounLookup
  readonly schema: NounSchema
  readonly version: EntityVersion
  readonly includes: readonly Include[]
}

export interface WithIncludes {
  readonly entity: Included
  /** The entities below the first level, where an empty list counts as one. */
  readonly nestedCount: number
}

/** Throws an ObjectError `invalid_include` if the included references are too large for one answer. */
export function withIncludes({ reader, lookup, schema, version, includes }: Including): WithIncludes {
  const entity = reader.toEntity(schema, version)
  if (includes.length === 0) return { entity, nestedCount: 0 }
  const rooms = {
    lists: new Room(listsCharactersMax),
    references: new Room(referencesCharactersMax),
    nested: { left: nestedMax, references: 0 },
  }
  const root: Node = { version, includes, entity: { ...entity }, isRoot: true }
  // One level after another, so that a long list deep inside takes no room from the lists above it.
  for (let level: readonly Node[] = [root]; level.length > 0;)
    level = level.flatMap((node) => fillNode({ reader, lookup, ...rooms }, node))
  return { entity: root.entity, nestedCount: nestedMax - rooms.nested.left + rooms.nested.references }
}

/** An entity of the answer that includes others. */
interface Node {
  readonly version: EntityVersion
  readonly includes: readonly Include[]
  readonly entity: Record<string, Included[string]>
  readonly isRoot?: boolean
}

interface Parts extends Pick<Including, 'reader' | 'lookup'> {
  readonly lists: Room
  readonly references: Room
  /** What nested lists may still have, and the nested references so far. */
  readonly nested: { left: number; references: number }
}

/** Adds the relations of one entity, and returns the related entities that include others in turn. */
function fillNode(parts: Parts, node: Node): readonly Node[] {
  const { version, includes, entity } = node
  const more: Record<string, More> = {}
  const next: Node[] = []
  const part: Part = { ...parts, id: version.id, more, isRoot: node.isRoot === true }
  for (const include of includes) {
    const { relation } = include
    const toEntity = ({ schema, version: found }: Found): Entity | Included => {
      const nested = include.nested.get(schema.name)
      const plain = parts.reader.toEntity(schema, found)
      if (nested === undefined) return plain
      const child = { version: found, includes: nested, entity: { ...plain } }
      next.push(child)
      return child.entity
    }
    if (relation.many) {
      const found =
        relation.kind === 'reference' ? referredList(part, relation, version) : referringList(part, relation)
      entity[relation.name] = found.map(toEntity)
    } else {
      const found = relation.kind === 'reference' ? referredOne(part, relation, version) : referringOne(part, relation)
      if (!part.isRoot) part.nested.references++
      if (found !== undefined) entity[relation.name] = found === null ? null : toEntity(fitted(part, found))
    }
  }
  if (Object.keys(more).length > 0) entity['$more'] = more
  return next
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

interface Part extends Parts {
  /** The id of the entity that includes. */
  readonly id: string
  /** Gets an entry for each list that is cut. */
  readonly more: Record<string, More>
  readonly isRoot: boolean
}

interface Found {
  readonly schema: NounSchema
  readonly version: EntityVersion
}

/** The entities that one more list may have. */
function listMax({ isRoot, nested }: Part): number {
  return isRoot ? includedMax : Math.min(includedMax, nested.left)
}

function countNested({ isRoot, nested }: Part, found: readonly Found[]): void {
  if (!isRoot) nested.left -= Math.min(nested.left, Math.max(1, found.length))
}

/** A list of references. */
function referredList(part: Part, relation: ReferenceField, { fields }: EntityVersion): readonly Found[] {
  const ids = referredIds(fields[relation.name])
  const room = new Room(Math.min(listCharactersMax, part.lists.left))
  const max = listMax(part)
  const list: Found[] = []
  for (const [at, id] of ids.entries()) {
    const found = at < max ? findReferred(part, relation, id) : undefined
    const hasRoom = at < max && (found === undefined || (room.take(found.version) && part.lists.take(found.version)))
    if (!hasRoom) {
      part.more[relation.name] = { ids: ids.slice(at) }
      break
    }
    if (found !== undefined) list.push(found)
  }
  if (ids.length > 0) countNested(part, list)
  return list
}

function referringList(part: Part, relation: ReverseField): readonly Found[] {
  const { reader, lookup, id, lists, more } = part
  const schema = lookup(relation.from)
  if (schema === undefined) return []
  const { by, name } = relation
  const max = listMax(part)
  // Without any room the list is cut unread, though it might be empty.
  const versions = max === 0 ? undefined : reader.referring(schema, { by, id, limit: max + 1 })
  const room = new Room(Math.min(listCharactersMax, lists.left))
  const list: Found[] = []
  const cut = (): void => {
    more[name] = { noun: schema.name, filter: { [by]: id } }
  }
  if (versions === undefined) cut()
  for (const version of versions ?? []) {
    if (list.length === max || !room.take(version) || !lists.take(version)) {
      cut()
      break
    }
    list.push({ schema, version })
  }
  countNested(part, list)
  return list
}

/** Returns undefined for an empty reference, and null for one to a deleted entity. */
function referredOne(part: Part, relation: ReferenceField, { fields }: EntityVersion): Found | null | undefined {
  const [id] = referredIds(fields[relation.name])
  return id === undefined ? undefined : (findReferred(part, relation, id) ?? null)
}

function referringOne({ reader, lookup, id }: Part, relation: ReverseField): Found | null {
  const schema = lookup(relation.from)
  const [version] = schema === undefined ? [] : reader.referring(schema, { by: relation.by, id, limit: 1 })
  return schema === undefined || version === undefined ? null : { schema, version }
}

function fitted({ references }: Part, found: Found): Found {
  if (references.take(found.version)) return found
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
