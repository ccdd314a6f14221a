// Folds rows of row groups into the groups of an aggregate, from their decoded columns. Each value of `by` has a code, and the
// codes of a row lead to its group; no entity is made of a row. The meaning of keys and values is that of `fold-entity.ts`.

import {
  type Aggregate,
  type Entity,
  type FilterPath,
  type Group,
  groupKeyOf,
  type Groups,
  type GroupTerm,
  type JsonValue,
  type KeyValue,
  type Measure,
  measuredValue,
  type MeasureValue,
  offsetsOf,
  pathsOfExpression,
  type ReadPath,
  referredIds,
  valueAt,
  type ValuePath,
} from 'digital-objects'
import { type DecodedGroup, type ValueInRow, valuesAt } from './column-values.ts'

export interface ColumnFoldOptions {
  readonly aggregate: Aggregate
  readonly groups: Groups
  /** The visible entities to which the aggregate's paths lead, by id. */
  readonly related: ReadonlyMap<string, Entity>
}

/** Limits the values whose codes are kept, of one group term. */
const codesMax = 10_000

/** The groups whose keys begin with the same values. */
interface Branch {
  readonly key: readonly KeyValue[]
  /** By the code of the next value. */
  readonly next: Branch[]
  /** Set if the key is whole. */
  readonly group: Group | undefined
}

export class ColumnFold {
  readonly #options: ColumnFoldOptions
  readonly #terms: readonly TermCodes[]
  readonly #root: Branch

  constructor(options: ColumnFoldOptions) {
    const { aggregate } = options
    this.#options = options
    const offsets = offsetsOf(aggregate)
    this.#terms = aggregate.by.map((term) => new TermCodes(term, groupKeyOf(term, offsets)))
    this.#root = this.#branch([])
  }

  /** Adds rows of a row group whose columns are decoded. */
  add(group: DecodedGroup, rows: readonly number[]): void {
    const { aggregate, groups } = this.#options
    const terms = this.#terms
    const codes = terms.map((term) => term.codesIn(this.#valuesOf(term.term, group), group))
    const values = aggregate.measures.map((measure) => this.#measured(measure, group))
    for (const row of rows) {
      let branch = this.#root
      for (let at = 0; at < codes.length; at++) {
        const code = codes[at]?.(row) ?? 0
        branch = branch.next[code] ?? this.#grow(branch, { code, key: terms[at]?.keys[code] ?? null })
      }
      const found = branch.group
      if (found === undefined) continue
      found.count++
      for (let at = 0; at < values.length; at++) groups.addValue(found, at, values[at]?.(row) ?? null)
    }
  }

  #grow(from: Branch, { code, key }: { readonly code: number; readonly key: KeyValue }): Branch {
    const branch = this.#branch([...from.key, key])
    from.next[code] = branch
    return branch
  }

  #branch(key: readonly KeyValue[]): Branch {
    const isWhole = key.length === this.#terms.length
    return { key, next: [], group: isWhole ? this.#options.groups.group(key) : undefined }
  }

  #measured(measure: Measure, group: DecodedGroup): (row: number) => MeasureValue {
    const paths = new Map<ValuePath, ValueInRow>()
    for (const path of pathsOfExpression(measure.value)) paths.set(path, this.#valuesOf(path, group))
    let at = 0
    const read: ReadPath = (path) => paths.get(path)?.(at)
    return (row) => {
      at = row
      return measuredValue(measure, read)
    }
  }

  /** The first of the paths with a value counts. */
  #valuesOf({ paths }: ValuePath, group: DecodedGroup): ValueInRow {
    const all = paths.map((path) => this.#valuesAlong(path, group))
    const [first] = all
    if (all.length === 1 && first !== undefined) return first
    return (row) => {
      for (const valueOf of all) {
        const value = valueOf(row)
        if (value !== undefined) return value
      }
      return undefined
    }
  }

  #valuesAlong(path: FilterPath, group: DecodedGroup): ValueInRow {
    const [step, ...rest] = path.steps
    if (step === undefined) return valuesAt(path, group)
    const { field, to } = step
    const idOf = valuesAt({ steps: [], field: field.name, storage: 'text', keys: [] }, group)
    const known = new Map<unknown, JsonValue | undefined>()
    return (row) => {
      const id = idOf(row)
      if (known.has(id)) return known.get(id)
      const value = this.#valueFrom(this.#referred(id, to), { ...path, steps: rest })
      known.set(id, value)
      return value
    }
  }

  #valueFrom(entity: Entity | undefined, path: FilterPath): JsonValue | undefined {
    let at = entity
    for (const { field, to } of path.steps) at = at === undefined ? undefined : this.#referred(at[field.name], to)
    return at === undefined ? undefined : valueAt(at, path)
  }

  #referred(id: JsonValue | undefined, to: string): Entity | undefined {
    const [first] = referredIds(id)
    const entity = first === undefined ? undefined : this.#options.related.get(first)
    return entity?.$type === to ? entity : undefined
  }
}

/** Gives each value of a group term a number. */
class TermCodes {
  readonly term: GroupTerm
  /** By code. */
  readonly keys: KeyValue[] = []
  readonly #keyOf: (value: JsonValue | undefined) => KeyValue
  readonly #codes = new Map<KeyValue, number>()
  /** Codes by the values in columns, which need not be converted again. */
  readonly #known = new Map<unknown, number>()

  constructor(term: GroupTerm, keyOf: (value: JsonValue | undefined) => KeyValue) {
    this.term = term
    this.#keyOf = keyOf
  }

  codesIn(valueOf: ValueInRow, { read }: DecodedGroup): (row: number) => number {
    const [path] = this.term.paths
    const isOwn = this.term.paths.length === 1 && path?.steps.length === 0
    const column = isOwn && path !== undefined ? read.get(path.field) : undefined
    if (column === undefined) return (row) => this.#code(valueOf(row))
    return (row) => {
      const value: unknown = column[row]
      const known = this.#known.get(value)
      if (known !== undefined) return known
      const code = this.#code(valueOf(row))
      if (this.#known.size < codesMax) this.#known.set(value, code)
      return code
    }
  }

  #code(value: JsonValue | undefined): number {
    const key = this.#keyOf(value)
    const known = this.#codes.get(key)
    if (known !== undefined) return known
    const code = this.keys.push(key) - 1
    this.#codes.set(key, code)
    return code
  }
}
