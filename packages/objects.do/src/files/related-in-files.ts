// Loads the entities that a page includes from files before the page is built, with one read for each Noun and relation
// instead of one for each entity.

import type { Snapshot } from '@dotdo/db'
import { versionToEntity } from '@dotdo/do'
import {
  defaultSort,
  type Filter,
  type NounLookup,
  type NounSchema,
  referencePath,
  referredIds,
  type ReverseField,
} from 'digital-objects'
import type { EntityVersion } from '../entities/entity-version.ts'
import { referredNoun, type RelatedReader } from '../entities/includes.ts'
import type { Shape } from '../entities/read-request.ts'

/** Limits the entities that one page includes from files. The object, which reads only those it shows, has no such limit. */
const relatedMax = 10_000
/** Limits their characters, because they are in memory together. */
const relatedCharactersMax = 16 * 2 ** 20

export interface RelatedRequest {
  readonly snapshot: Snapshot
  readonly lookup: NounLookup
  readonly noun: NounSchema
  readonly shape: Shape
  /** The entities of the page. */
  readonly versions: readonly EntityVersion[]
  readonly context: string
}

/** Returns undefined if the page includes too many entities. */
export async function loadRelated(request: RelatedRequest): Promise<RelatedReader | undefined> {
  const { shape, context } = request
  const referring = new Map<string, ReadonlyMap<string, readonly EntityVersion[]>>()
  const referred = new Map<string, EntityVersion>()
  let left = relatedMax
  for (const [schema, ids] of idsByNoun(request)) {
    const found = await findIn(request.snapshot, schema, { field: '$id', values: ids, limit: left })
    if (found === undefined) return undefined
    left -= found.length
    for (const version of found) referred.set(version.id, version)
  }
  for (const relation of shape.includes) {
    if (relation.kind !== 'reverse' || referring.has(relationKey(relation.from, relation.by))) continue
    const found = await findReferring(request, relation, left)
    if (found === undefined) return undefined
    left -= found.length
    const byReference = new Map<string, EntityVersion[]>()
    for (const version of found)
      for (const id of new Set(referredIds(version.fields[relation.by])))
        byReference.set(id, [...(byReference.get(id) ?? []), version])
    referring.set(relationKey(relation.from, relation.by), byReference)
  }
  return {
    get: (schema, id) => (id.startsWith(`${schema.idPrefix}_`) ? referred.get(id) : undefined),
    referring: (schema, { by, id, limit }) =>
      referring.get(relationKey(schema.name, by))?.get(id)?.slice(0, limit) ?? [],
    toEntity: (schema, version) => versionToEntity(schema.name, version, context),
  }
}

/** Returns the ids in the page's references, by Noun. */
function idsByNoun({ lookup, shape, versions }: RelatedRequest): ReadonlyMap<NounSchema, ReadonlySet<string>> {
  const ids = new Map<NounSchema, Set<string>>()
  for (const relation of shape.includes) {
    if (relation.kind !== 'reference') continue
    for (const { fields } of versions) {
      for (const id of referredIds(fields[relation.name])) {
        const schema = referredNoun(relation, id, lookup)
        if (schema === undefined) continue
        const ofNoun = ids.get(schema) ?? new Set<string>()
        ids.set(schema, ofNoun.add(id))
      }
    }
  }
  return ids
}

async function findReferring(
  { snapshot, lookup, versions }: RelatedRequest,
  relation: ReverseField,
  limit: number,
): Promise<readonly EntityVersion[] | undefined> {
  const schema = lookup(relation.from)
  if (schema === undefined) return []
  return findIn(snapshot, schema, { field: relation.by, values: new Set(versions.map(({ id }) => id)), limit })
}

/** Returns entities, newest first, or undefined if there are more than `limit`, or they are too large. */
async function findIn(
  snapshot: Snapshot,
  schema: NounSchema,
  request: { readonly field: string; readonly values: ReadonlySet<string>; readonly limit: number },
): Promise<readonly EntityVersion[] | undefined> {
  const { field, values, limit } = request
  if (values.size === 0) return []
  const filter: Filter = {
    kind: 'in',
    path: referencePath(schema, field),
    values: [...values],
  }
  const found = await snapshot.find(schema, {
    filter,
    sort: defaultSort,
    limit: limit + 1,
    charactersMax: relatedCharactersMax,
    isCounted: false,
  })
  return found === undefined || found.isCut || found.rows.length > limit ? undefined : found.rows
}

function relationKey(noun: string, by: string): string {
  return `${noun}.${by}`
}
