// The entities of a recorded state as linked objects: relations are properties that hold the entities at their other ends.

import { compareText, type Entity, nouns } from 'digital-objects'
import { lookup, type World } from './generated-tenant.ts'

/** The properties of generated entities. Each entity has some of them. */
export interface Linked {
  readonly $id: string
  readonly $type: string
  readonly name?: string
  readonly title?: string
  readonly industry?: string
  readonly stage?: string
  readonly value: number
  readonly leadScore?: number
  readonly metadata?: { readonly a?: unknown }
  readonly organization?: Linked | null
  readonly contact?: Linked | null
  readonly deal?: Linked | null
  readonly owner?: Linked | null
  readonly contacts: readonly Linked[]
  readonly deals: readonly Linked[]
  readonly activities: readonly Linked[]
}

export interface LinkedWorld {
  /** Returns the entities of one Noun, newest first. */
  all(noun: string): readonly Linked[]
  /** Returns the value with its entities in the form of answers. */
  plain(value: unknown): unknown
}

export function linkWorld(world: World): LinkedWorld {
  const entities = new Map<unknown, Entity>()
  const links = new Map<string, Linked>()
  const all = (noun: string): readonly Linked[] =>
    [...world.values()]
      .filter(({ $type }) => $type === noun)
      .toSorted(newestFirst)
      .map(link)
  return {
    all,
    plain(value) {
      const entity = entities.get(value)
      if (entity !== undefined) return entity
      if (Array.isArray(value)) return value.map((item) => this.plain(item))
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.plain(inner)]))
    },
  }

  function link(entity: Entity): Linked {
    const known = links.get(entity.$id)
    if (known !== undefined) return known
    const linked = { ...entity }
    for (const field of Object.values(schemaOf(entity).fields)) {
      if (field.kind !== 'reference' && field.kind !== 'reverse') continue
      Object.defineProperty(linked, field.name, { get: () => related(entity, field), enumerable: false })
    }
    entities.set(linked, entity)
    // The object has the properties of its Noun, and tests read no others.
    const made = linked as unknown as Linked
    links.set(entity.$id, made)
    return made
  }

  function related(
    entity: Entity,
    field: { readonly kind: string; readonly name: string; readonly from?: string; readonly by?: string },
  ): unknown {
    const { from, by } = field
    if (from !== undefined && by !== undefined)
      return [...world.values()]
        .filter((other) => other.$type === from && other[by] === entity.$id)
        .toSorted(newestFirst)
        .map(link)
    const id = entity[field.name]
    if (id === undefined) return undefined
    const target = world.get(String(id))
    return target === undefined ? null : link(target)
  }
}

function newestFirst(left: Entity, right: Entity): number {
  return compareText(right.$createdAt, left.$createdAt) || compareText(left.$id, right.$id)
}

function schemaOf(entity: Entity) {
  const schema = lookup(entity.$type)
  if (schema === undefined) throw new Error(`none of ${Object.keys(nouns).join(', ')}: ${entity.$type}`)
  return schema
}
