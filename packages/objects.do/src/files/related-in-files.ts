// Loads the entities that a page includes from files before the page is built, with one read for each Noun and relation of
// each level instead of one for each entity.

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
import { includedMax, referredNoun, type RelatedReader } from '../entities/includes.ts'
import type { Include } from '../entities/parse-includes.ts'
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
  const { shape, context, versions } = request
  const related = new Related(request)
  let level: readonly Level[] = shape.includes.length === 0 ? [] : [{ includes: shape.includes, versions }]
  while (level.length > 0) {
    if (!(await related.load(level))) return undefined
    level = level.flatMap((part) => related.below(part))
  }
  return {
    get: (schema, id) => (id.startsWith(`${schema.idPrefix}_`) ? related.referred.get(id) : undefined),
    referring: (schema, { by, id, limit }) => related.referring(schema, { by, id }).slice(0, limit),
    toEntity: (schema, version) => versionToEntity(schema.name, version, context),
  }
}

/** Entities of one Noun that include the same. */
interface Level {
  readonly includes: readonly Include[]
  readonly versions: readonly EntityVersion[]
}

interface Reference {
  readonly by: string
  readonly id: string
}

class Related {
  readonly referred = new Map<string, EntityVersion>()
  /** The ids that were looked up, also of entities that do not exist. */
  readonly #asked = new Set<string>()
  readonly #referring = new Map<string, Map<string, EntityVersion[]>>()
  readonly #snapshot: Snapshot
  readonly #lookup: NounLookup
  #left = relatedMax

  constructor({ snapshot, lookup }: Pick<RelatedRequest, 'snapshot' | 'lookup'>) {
    this.#snapshot = snapshot
    this.#lookup = lookup
  }

  referring({ name }: NounSchema, { by, id }: Reference): readonly EntityVersion[] {
    return this.#referring.get(`${name}.${by}`)?.get(id) ?? []
  }

  /** Returns false if there are too many entities. */
  async load(level: readonly Level[]): Promise<boolean> {
    for (const [schema, ids] of this.#idsByNoun(level)) {
      const found = await this.#find(schema, { field: '$id', values: ids })
      if (found === undefined) return false
      for (const version of found) this.referred.set(version.id, version)
    }
    for (const { includes, versions } of level)
      for (const { relation } of includes)
        if (relation.kind === 'reverse' && !(await this.#loadReferring(relation, versions))) return false
    return true
  }

  /** Returns the entities that these include, if they include others in turn. */
  below({ includes, versions }: Level): readonly Level[] {
    return includes.flatMap(({ relation, nested }) =>
      [...nested].map(([noun, inner]) => {
        const schema = this.#lookup(noun)
        const found = versions.flatMap(({ id, fields }) =>
          schema === undefined
            ? []
            : relation.kind === 'reference'
              ? referredIds(fields[relation.name])
                  .filter((one) => one.startsWith(`${schema.idPrefix}_`))
                  .flatMap((one) => this.referred.get(one) ?? [])
              : this.referring(schema, { by: relation.by, id }).slice(0, includedMax),
        )
        return { includes: inner, versions: [...new Set(found)] }
      }),
    )
  }

  /** Returns the ids in references that were not looked up yet, by Noun. */
  #idsByNoun(level: readonly Level[]): ReadonlyMap<NounSchema, ReadonlySet<string>> {
    const ids = new Map<NounSchema, Set<string>>()
    for (const { includes, versions } of level)
      for (const { relation } of includes) {
        if (relation.kind !== 'reference') continue
        for (const id of versions.flatMap(({ fields }) => referredIds(fields[relation.name]))) {
          const schema = this.#asked.has(id) ? undefined : referredNoun(relation, id, this.#lookup)
          if (schema === undefined) continue
          this.#asked.add(id)
          const ofNoun = ids.get(schema) ?? new Set<string>()
          ids.set(schema, ofNoun.add(id))
        }
      }
    return ids
  }

  async #loadReferring({ from, by }: ReverseField, versions: readonly EntityVersion[]): Promise<boolean> {
    const schema = this.#lookup(from)
    if (schema === undefined) return true
    const key = `${from}.${by}`
    const lists = this.#referring.get(key) ?? new Map<string, EntityVersion[]>()
    this.#referring.set(key, lists)
    const values = new Set(versions.map(({ id }) => id).filter((id) => !lists.has(id)))
    const found = await this.#find(schema, { field: by, values })
    if (found === undefined) return false
    for (const id of values) lists.set(id, [])
    for (const version of found)
      for (const id of new Set(referredIds(version.fields[by]))) if (values.has(id)) lists.get(id)?.push(version)
    return true
  }

  /** Returns entities, newest first, or undefined if there are too many, or they are too large. */
  async #find(
    schema: NounSchema,
    { field, values }: { readonly field: string; readonly values: ReadonlySet<string> },
  ): Promise<readonly EntityVersion[] | undefined> {
    if (values.size === 0) return []
    const filter: Filter = { kind: 'in', path: referencePath(schema, field), values: [...values] }
    const found = await this.#snapshot.find(schema, {
      filter,
      sort: defaultSort,
      limit: this.#left + 1,
      charactersMax: relatedCharactersMax,
      isCounted: false,
    })
    if (found === undefined || found.isCut || found.rows.length > this.#left) return undefined
    this.#left -= found.rows.length
    return found.rows
  }
}
