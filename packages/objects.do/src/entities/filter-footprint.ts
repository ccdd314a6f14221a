// The data on which the result of a filter depends: the entities that it may match, decided by their own fields, and the
// fields of other Nouns along its paths. A restricted caller's row rules count as parts of the filter.

import {
  type Aggregate,
  type Filter,
  type FilterPath,
  matchAll,
  matchNone,
  pathsOfExpression,
  type Visibility,
} from 'digital-objects'

export interface FilterFootprint {
  /** Matches every entity that the filter may match, by the entity's own fields only. */
  readonly atMost: Filter
  /** Whether `atMost` matches the same entities as the filter. */
  readonly isExact: boolean
  /** Whether a condition is tested entity by entity, for which a read examines a limited number of them. */
  readonly hasPattern: boolean
  /** The fields of the filtered entities that decide about a match, references at the start of paths among them. */
  readonly own: ReadonlySet<string>
  /** The fields that paths read of the Nouns that they reach. */
  readonly related: ReadonlyMap<string, ReadonlySet<string>>
}

type FootprintVisibility = Pick<Visibility, 'rows' | 'searchesAllFields'>

export function filterFootprint(
  filter: Filter,
  { noun, visibility }: { readonly noun: string; readonly visibility: FootprintVisibility },
): FilterFootprint {
  const rule = visibility.rows(noun)
  const fields = new ReadFields(visibility)
  fields.add(filter, { noun, isOwn: true, isRule: false })
  if (rule !== undefined) fields.add(rule, { noun, isOwn: true, isRule: true })
  const whole: Filter = rule === undefined ? filter : { kind: 'and', of: [filter, rule] }
  const { own, related, hasPattern } = fields
  return { atMost: withoutPaths(whole, false), isExact: related.size === 0, hasPattern, own, related }
}

/** Returns the fields that an aggregate reads of the filtered entities, and of Nouns along its paths. */
export function aggregateFootprint(
  { by, measures }: Aggregate,
  { noun, visibility }: { readonly noun: string; readonly visibility: FootprintVisibility },
): Pick<FilterFootprint, 'own' | 'related'> {
  const fields = new ReadFields(visibility)
  const values = [...by, ...measures.flatMap(({ value }) => pathsOfExpression(value))]
  for (const { paths } of values) for (const path of paths) fields.addPath(path, { noun, isOwn: true, isRule: false })
  return fields
}

/** Replaces conditions across relations so that the filter can only match more. */
function withoutPaths(filter: Filter, isNegated: boolean): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map((part) => withoutPaths(part, isNegated)) }
    case 'not':
      return { kind: 'not', of: withoutPaths(filter.of, !isNegated) }
    case 'text':
      return filter
    default:
      if (filter.path.steps.length === 0) return filter
      return isNegated ? matchNone : matchAll
  }
}

interface Start {
  readonly noun: string
  /** Whether the path starts at the filtered entities. */
  readonly isOwn: boolean
  /** A rule follows its relations through all data, and the caller's filter through visible entities only. */
  readonly isRule: boolean
}

/** Collects the fields that a filter reads. */
class ReadFields {
  readonly own = new Set<string>()
  readonly related = new Map<string, Set<string>>()
  hasPattern = false
  readonly #visibility: FootprintVisibility

  constructor(visibility: FootprintVisibility) {
    this.#visibility = visibility
  }

  add(filter: Filter, start: Start): void {
    if (filter.kind === 'and' || filter.kind === 'or') for (const part of filter.of) this.add(part, start)
    else if (filter.kind === 'not') this.add(filter.of, start)
    else if (filter.kind === 'text') this.hasPattern ||= !this.#visibility.searchesAllFields(start.noun)
    else {
      this.hasPattern ||= filter.kind === 'regex'
      this.addPath(filter.path, start)
      if (filter.kind === 'compareFields') this.addPath(filter.other, start)
    }
  }

  addPath({ steps, field }: FilterPath, { noun, isOwn, isRule }: Start): void {
    let [at, isAtOwn] = [noun, isOwn]
    for (const { field: relation, to } of steps) {
      if (relation.kind === 'reference') this.#addField(at, relation.name, isAtOwn)
      this.#reach(to)
      if (relation.kind === 'reverse') this.#addField(to, relation.by, false)
      const rule = isRule ? undefined : this.#visibility.rows(to)
      if (rule !== undefined) this.add(rule, { noun: to, isOwn: false, isRule: true })
      at = to
      isAtOwn = false
    }
    this.#addField(at, field, isAtOwn)
  }

  #reach(noun: string): Set<string> {
    const fields = this.related.get(noun) ?? new Set<string>()
    this.related.set(noun, fields)
    return fields
  }

  #addField(noun: string, field: string, isOwn: boolean): void {
    if (isOwn) this.own.add(field)
    else this.#reach(noun).add(field)
  }
}
