// Conditions across a relation to many entities, for reads in slices. One organization may have a million contacts, and a
// statement that looks for one that matches cannot stop in between. So the contacts are scanned first, in slices, and the ids
// that they refer to become a set; the condition on an organization is then whether the set has its id.

import {
  compareText,
  type Filter,
  type FilterPath,
  matchNone,
  type ReferenceField,
  type ReverseField,
  storageClassOf,
} from 'digital-objects'
import { quoteName } from './column.ts'
import type { IdRange, Selected } from './scan.ts'

/** Limits the ids of one set. With more, each entity has few related ones, and a statement may look for them. */
const farIdsMax = 60_000
/** Ids of a set on a Noun that a reference leads to: all of them are bound in each statement. */
const referredIdsMax = 20_000

type Leaf = Extract<Filter, { readonly path: FilterPath }>

/** A condition across a relation to many entities of `far`. */
export interface FarLeaf {
  readonly leaf: Leaf
  /** The steps that lead to the Noun with the relation. */
  readonly near: FilterPath['steps']
  readonly relation: ReverseField
  readonly far: string
  /** The condition on an entity of `far`. */
  readonly beyond: Filter
}

/** Returns the conditions of a filter that cross a relation to many entities of a Noun for which `isBig`. */
export function farLeaves(filter: Filter, isBig: (noun: string) => boolean): readonly FarLeaf[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap((part) => farLeaves(part, isBig))
    case 'not':
      return farLeaves(filter.of, isBig)
    case 'text':
      return []
    default:
      return farLeafOf(filter, isBig)
  }
}

function farLeafOf(leaf: Leaf, isBig: (noun: string) => boolean): readonly FarLeaf[] {
  const { steps } = leaf.path
  const at = steps.findIndex(({ field, to }) => field.kind === 'reverse' && isBig(to))
  const step = steps[at]
  if (step === undefined || step.field.kind !== 'reverse') return []
  const beyond: Filter = { ...leaf, path: { ...leaf.path, steps: steps.slice(at + 1) } }
  return [{ leaf, near: steps.slice(0, at), relation: step.field, far: step.to, beyond }]
}

/** Returns the SQL of the ids to which an entity `t` of the far Noun refers. */
export function linkOf(field: ReferenceField): Pick<Selected, 'value' | 'join'> {
  const column = `t.${quoteName(`${field.name}:${storageClassOf(field)}`)}`
  return field.many ? { value: 'link.value', join: `, json_each(${column}) AS link` } : { value: column }
}

/** Replaces conditions by whether their set has the entity's id. A slice gets only the ids that it may contain. */
export class FarSets {
  static readonly idsMax = farIdsMax
  readonly #ids = new Map<Leaf, { readonly near: FilterPath['steps']; readonly sorted: readonly string[] }>()

  /** Returns false if the set is too large to be used, and the condition has to be tested entity by entity. */
  add({ leaf, near }: FarLeaf, ids: ReadonlySet<string>): boolean {
    if (ids.size > (near.length === 0 ? farIdsMax : referredIdsMax)) return false
    this.#ids.set(leaf, { near, sorted: [...ids].toSorted(compareText) })
    return true
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0
  }

  applied(filter: Filter, range: IdRange, isNegated = false): Filter {
    switch (filter.kind) {
      case 'and':
      case 'or':
        return { ...filter, of: filter.of.map((part) => this.applied(part, range, isNegated)) }
      case 'not':
        return { ...filter, of: this.applied(filter.of, range, !isNegated) }
      case 'text':
        return filter
      default:
        // SQL has no patterns, so the set of one has more ids than match. Negated, it would exclude entities that match.
        return filter.kind === 'regex' && isNegated ? filter : this.#appliedTo(filter, range)
    }
  }

  #appliedTo(leaf: Leaf, range: IdRange): Filter {
    const set = this.#ids.get(leaf)
    if (set === undefined) return leaf
    const values = set.near.length === 0 ? within(set.sorted, range) : set.sorted
    if (values.length === 0) return matchNone
    return { kind: 'in', path: { steps: set.near, field: '$id', storage: 'text', keys: [] }, values }
  }
}

function within(sorted: readonly string[], { from, through, only }: IdRange): readonly string[] {
  if (only !== undefined) return sorted.filter((id) => only.has(id))
  const start = from === undefined ? 0 : lowerBound(sorted, from)
  const end = through === undefined ? sorted.length : lowerBound(sorted, `${through}\0`)
  return sorted.slice(start, end)
}

/** Returns the index of the first id that is not before this one. */
function lowerBound(sorted: readonly string[], id: string): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (compareText(sorted[middle] ?? '', id) < 0) low = middle + 1
    else high = middle
  }
  return low
}
