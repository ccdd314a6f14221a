// The groups of an aggregate while it is computed. Executors add single entities, or parts that SQL has already computed for
// many entities; groups of several parts are merged.

import { compareText } from '../base/compare-text.ts'
import { ObjectError } from '../base/object-error.ts'
import { type Aggregate, groupsMax, type Measure } from './aggregate.ts'
import { Sum } from './sum.ts'

/** A value of `by` or of `distinct`: strings, numbers and booleans. The values of `json` fields are JSON texts. */
export type KeyValue = string | number | boolean | null
/** The value of a measure in one group or one entity; null if it is missing. */
export type MeasureValue = string | number | boolean | null

/** A measure in one group. Which of these it has depends on its kind. */
export interface MeasureState {
  /** For `sum` and `avg`. */
  readonly sum: Sum
  /** For `min` and `max`. */
  best: string | number | null
  /** For `distinct` and `median`: the number of entities with each value. */
  readonly counts: Map<KeyValue, number>
}

export interface Group {
  readonly key: readonly KeyValue[]
  count: number
  readonly states: readonly MeasureState[]
}

/** An entity's part: the key of its group, the name of that group, and the values of its measures, in order. */
export interface EntityReading {
  readonly key: readonly KeyValue[]
  readonly name: string
  readonly values: readonly MeasureValue[]
}

/** The name of a group among others. */
export function groupName(key: readonly KeyValue[]): string {
  return JSON.stringify(key)
}

/** A measure of many entities, as SQL computes it: the sum and the number of values, or the least or greatest value. */
export type MeasurePart =
  | { readonly sum: number | null; readonly values: number }
  | { readonly best: string | number | null }

/** Limits the values that `distinct` and `median` hold in memory. */
const valuesMax = 1_000_000
/** Limits the characters of the keys, by the number of groups. */
const charactersPerGroup = 420

export class Groups {
  readonly #aggregate: Aggregate
  readonly #groups = new Map<string, Group>()
  #characters = 0
  #values = 0

  readonly #groupsMax: number

  constructor(aggregate: Aggregate) {
    this.#aggregate = aggregate
    this.#groupsMax = aggregate.groupsMax ?? groupsMax
    if (aggregate.by.length === 0) this.group([])
  }

  get all(): readonly Group[] {
    return [...this.#groups.values()]
  }

  /** Adds one entity. */
  addEntity({ key, name, values }: EntityReading): void {
    const group = this.group(key, name)
    group.count++
    for (let at = 0; at < group.states.length; at++) this.addValue(group, at, values[at] ?? null)
  }

  /** Adds an entity's value of a measure to its group, whose entities the caller counts. */
  addValue({ states }: Group, measure: number, value: MeasureValue): void {
    const [state, kind] = [states[measure], this.#aggregate.measures[measure]?.kind]
    if (state === undefined || kind === undefined || value === null) return
    if (isCounted({ kind })) this.#count(state, value, 1)
    else if (typeof value === 'boolean') return
    else if (kind === 'min' || kind === 'max') state.best = better(kind, state.best, value)
    else if (typeof value === 'number') state.sum.add(value, 1)
  }

  /** Adds `count` entities with the same key. `parts` has an element for each measure that is not counted by values. */
  addPart(key: readonly KeyValue[], count: number, parts: readonly MeasurePart[]): void {
    const group = this.group(key)
    group.count += count
    const { measures } = this.#aggregate
    let at = 0
    for (const [index, measure] of measures.entries()) {
      const state = group.states[index]
      if (isCounted(measure) || state === undefined) continue
      const part = parts[at++]
      if (part === undefined) continue
      if ('best' in part) state.best = part.best === null ? state.best : better(measure.kind, state.best, part.best)
      // The sum of values is null only if it is the sum of both infinities.
      else state.sum.add(part.values > 0 ? (part.sum ?? Infinity) : 0, part.values)
    }
  }

  /** Adds the number of entities of a group that have a value of the measure, for `distinct` and `median`. */
  addCount(key: readonly KeyValue[], measure: number, of: { readonly value: KeyValue; readonly count: number }): void {
    const state = this.group(key).states[measure]
    if (state !== undefined && of.value !== null) this.#count(state, of.value, of.count)
  }

  /** Adds a group of another aggregate with the same measures. */
  merge(key: readonly KeyValue[], { count, states }: Group): void {
    const group = this.group(key)
    group.count += count
    for (const [at, { kind }] of this.#aggregate.measures.entries()) {
      const [into, from] = [group.states[at], states[at]]
      if (into === undefined || from === undefined) continue
      into.sum.add(from.sum.value, from.sum.values)
      if (from.best !== null) into.best = better(kind, into.best, from.best)
      for (const [value, counted] of from.counts) this.#count(into, value, counted)
    }
  }

  #count({ counts }: MeasureState, value: KeyValue, count: number): void {
    const known = counts.get(value)
    if (known === undefined && ++this.#values > valuesMax)
      throw tooMuch('distinct', `the groups have more than ${valuesMax} different values`)
    counts.set(value, (known ?? 0) + count)
  }

  /** Returns the group with a key, which it adds if there is none. `name` is that of `groupName`. */
  group(key: readonly KeyValue[], name = groupName(key)): Group {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    this.#characters += name.length
    const most = this.#groupsMax
    if (this.#groups.size >= most) throw tooMuch('by', `there are more than ${most} groups`)
    const charactersMax = charactersPerGroup * most
    if (this.#characters > charactersMax)
      throw tooMuch('by', `the values of the groups have more than ${charactersMax} characters`)
    const states = this.#aggregate.measures.map(() => ({ sum: new Sum(), best: null, counts: new Map() }))
    const group: Group = { key, count: 0, states }
    this.#groups.set(name, group)
    return group
  }
}

/** Whether a measure needs each value of a group. */
export function isCounted({ kind }: Pick<Measure, 'kind'>): boolean {
  return kind === 'distinct' || kind === 'median'
}

function better(kind: Measure['kind'], known: string | number | null, value: string | number): string | number {
  if (known === null) return value
  const isLess = typeof value === 'string' && typeof known === 'string' ? compareText(value, known) < 0 : value < known
  return isLess === (kind === 'min') ? value : known
}

function tooMuch(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'scan_limit', field, message: `${message}; add a condition, or group by less` })
}
