// Whose files lack something that the log says: a program that does not know a field, or a whole Noun, writes files without
// it, and one that comes after it, or is put back in its place, may know it. Such files are to be made anew.

import { type NounLookup, type NounSchema, storageClassOf } from 'digital-objects'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { LakeState } from './lake-state.ts'

export interface LayerDefinitionsOptions {
  readonly sql: SqlStorage
  readonly lake: LakeState
  readonly state: StorageHandler
  readonly lookup: NounLookup
  readonly now: () => number
}

export class LayerDefinitions {
  readonly #options: LayerDefinitionsOptions

  constructor(options: LayerDefinitionsOptions) {
    this.#options = options
  }

  /** At start, before anything is written: what this program has that the one before it had not. */
  notice(): void {
    const { lake, lookup, now, state } = this.#options
    const known = new Map(Object.entries(lake.read('definitions') ?? {}))
    const stale = new Set(lake.read('stale'))
    let isChanged = false
    for (const noun of state.standing()) {
      const schema = lookup(noun)
      const before = known.get(noun)
      if (schema === undefined || before?.version === schema.version) continue
      isChanged = true
      const columns = columnsOf(schema)
      known.set(noun, { version: schema.version, columns })
      if (before === undefined) continue
      const back = columns.filter((column) => !before.columns.includes(column))
      if (back.length > 0 && this.#wereWritten(noun, back)) stale.add(noun)
      // Its parts would be of two definitions.
      if (lake.read('compaction')?.noun === noun) lake.endCompaction(now())
    }
    const underWay = lake.read('compaction')?.noun
    if (underWay !== undefined && lookup(underWay) === undefined) lake.endCompaction(now())
    if (!isChanged) return
    // In this order: whoever is killed between the two comes to the same.
    lake.write('stale', [...stale])
    lake.write('definitions', Object.fromEntries(known))
  }

  /** Its layers hold rows by this definition now. */
  wrote(schema: NounSchema): void {
    const { lake } = this.#options
    const known = lake.read('definitions') ?? {}
    if (Object.hasOwn(known, schema.name)) return
    lake.write('definitions', { ...known, [schema.name]: { version: schema.version, columns: columnsOf(schema) } })
  }

  /** Events of a Noun that this program does not know are in no layer. */
  passedOver(noun: string): void {
    const { lake } = this.#options
    lake.write('stale', [...new Set(lake.read('stale')).add(noun)])
  }

  isStale(noun: string): boolean {
    return this.#options.lake.read('stale')?.includes(noun) ?? false
  }

  /** The next Noun whose layers are to be made anew, of those that this program knows. */
  get firstStale(): string | undefined {
    const { lake, lookup } = this.#options
    return lake.read('stale')?.find((noun) => lookup(noun) !== undefined)
  }

  /** The Noun's base is made anew from the state. */
  renewed(noun: string): void {
    const { lake } = this.#options
    const left = (lake.read('stale') ?? []).filter((other) => other !== noun)
    lake.write('stale', left)
  }

  /** Whether events may say something of one of these columns: some were written under a definition that has it. */
  #wereWritten(noun: string, columns: readonly string[]): boolean {
    const rows = this.#options.sql.exec<{ definition: string }>('SELECT definition FROM nouns WHERE name = ?', noun)
    return [...rows].some(({ definition }) => {
      const written = columnsOf(JSON.parse(definition) as NounSchema) // only `ensureTable` puts it there
      return columns.some((column) => written.includes(column))
    })
  }
}

/** `power:real`: a field that is stored otherwise is another column. */
function columnsOf(schema: NounSchema): readonly string[] {
  return Object.values(schema.fields).flatMap((field) =>
    field.kind === 'reverse' ? [] : `${field.name}:${storageClassOf(field)}`,
  )
}
