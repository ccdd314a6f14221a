// Determines which Nouns have layers that lack data of the log. Layers are written by the definition of their time, so
// columns that it did not have are missing. When a later definition has such a column, or a program knows the Noun
// again, the base is rewritten from the state.
//
// Example: `Robot` v1 has `power`, and events with a `power` are flushed. v2 removes `power`, and compaction rewrites
// the base without it. v3 has `power` again, so `Robot` is stale until its base is rewritten by v3.

import { type NounLookup, type NounSchema, storageClassOf } from 'digital-objects'
import type { StateReader } from '../state/state-reader.ts'
import type { LakeState } from './lake-state.ts'

export interface LayerDefinitionsOptions {
  readonly sql: SqlStorage
  readonly lake: LakeState
  readonly state: StateReader
  readonly lookup: NounLookup
  readonly now: () => number
}

export class LayerDefinitions {
  readonly #options: LayerDefinitionsOptions

  constructor(options: LayerDefinitionsOptions) {
    this.#options = options
  }

  /** Compares the definitions in use with those that layers were written by. To be called before each step on layers. */
  register(): void {
    const { lake, lookup, now, state } = this.#options
    const known = new Map(Object.entries(lake.read('definitions') ?? {}))
    const stale = new Set(lake.read('stale'))
    let isChanged = false
    for (const noun of state.nounsWithTables()) {
      const schema = lookup(noun)
      const before = known.get(noun)
      if (schema === undefined || before?.version === schema.version) continue
      isChanged = true
      const columns = columnsOf(schema)
      known.set(noun, { version: schema.version, columns })
      if (before === undefined) continue
      const gained = columns.filter((column) => !before.columns.includes(column))
      if (gained.length > 0 && this.#wereFlushed(noun, gained)) stale.add(noun)
      // A base has one definition from its first file to its last.
      if (lake.read('compaction')?.noun === noun) lake.endCompaction(now())
    }
    const underWay = lake.read('compaction')?.noun
    if (underWay !== undefined && lookup(underWay) === undefined) lake.endCompaction(now())
    if (!isChanged) return
    // In this order: after a crash between the two, the comparison runs again.
    lake.write('stale', [...stale])
    lake.write('definitions', Object.fromEntries(known))
  }

  /** Records that the Noun's layers now hold rows by this definition. */
  recordWritten(schema: NounSchema): void {
    const { lake } = this.#options
    const known = lake.read('definitions') ?? {}
    if (Object.hasOwn(known, schema.name)) return
    lake.write('definitions', { ...known, [schema.name]: { version: schema.version, columns: columnsOf(schema) } })
  }

  /** Records that events of the Noun are in no layer, since no definition of it is in use. */
  skipped(noun: string): void {
    const { lake } = this.#options
    lake.write('stale', [...new Set(lake.read('stale')).add(noun)])
  }

  isStale(noun: string): boolean {
    return this.#options.lake.read('stale')?.includes(noun) ?? false
  }

  /** The first stale Noun that has a definition. */
  get firstStale(): string | undefined {
    const { lake, lookup } = this.#options
    return lake.read('stale')?.find((noun) => lookup(noun) !== undefined)
  }

  /** Records that the Noun's base was rewritten from the state. */
  rewritten(noun: string): void {
    const { lake } = this.#options
    const left = (lake.read('stale') ?? []).filter((other) => other !== noun)
    lake.write('stale', left)
  }

  /** Whether an event in the files may have a value in one of these columns. */
  #wereFlushed(noun: string, columns: readonly string[]): boolean {
    const { lake, sql } = this.#options
    const query = 'SELECT definition FROM nouns WHERE name = ? AND since <= ?'
    const rows = sql.exec<{ definition: string }>(query, noun, lake.manifest?.seq ?? 0)
    return [...rows].some(({ definition }) => {
      const written = columnsOf(JSON.parse(definition) as NounSchema) // only `ensureTable` stores it
      return columns.some((column) => written.includes(column))
    })
  }
}

/** Returns columns as `power:real`, since a field with another storage class is another column. */
function columnsOf(schema: NounSchema): readonly string[] {
  return Object.values(schema.fields).flatMap((field) =>
    field.kind === 'reverse' ? [] : `${field.name}:${storageClassOf(field)}`,
  )
}
