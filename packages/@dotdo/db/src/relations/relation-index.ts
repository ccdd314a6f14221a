// The relation index of one entity file: for each id that entities of the file refer to, the rows of those entities.
// Both files are written together and never change, so a row number identifies an entity as well as an id would. The
// index may lead to entities that a newer layer has changed, but it never omits a reference that the file holds.

import { compareText, referredIds, type EntityFields, type NounSchema } from 'digital-objects'
import type { Column } from '../parquet/columns.ts'
import { FileWriter, rowGroupRowsMax, type WrittenFile } from '../parquet/file-writer.ts'

/** Readers skip an index of another format and scan the entities instead. */
export const relationFormat = 1

/**
 * `organization_2, organization, 17`: row 17 of the entity file, counted from 0, refers to `organization_2` in its
 * field `organization`.
 */
export interface RelationRow {
  readonly end: string
  readonly field: string
  readonly row: number
}

/** Rows are sorted by `end`, then field, then `row`. Column numbers are permanent, as in entity files. */
export const relationColumns = [
  { id: 1, name: 'end', storage: 'text', isRequired: true, isIndexed: true },
  { id: 2, name: 'field', storage: 'text', isRequired: true, isIndexed: false },
  { id: 3, name: 'row', storage: 'real', isInteger: true, isRequired: true, isIndexed: false },
] as const satisfies readonly Column[]

export const relationFacts = { format: 'headlessly.relations', references: 'headlessly.references' } as const

/** Returns the key of the index, which lies beside its entity file. */
export function relationsKey(entitiesKey: string): string {
  const stem = /^(.+)\.parquet$/.exec(entitiesKey)?.[1]
  if (stem === undefined)
    throw new Error(`'${entitiesKey}' is not the key of an entity file: expected a name that ends in .parquet`)
  return `${stem}.relations.parquet`
}

/** Returns the names of the reference fields. */
export function referenceNames(schema: Pick<NounSchema, 'fields'>): readonly string[] {
  return Object.values(schema.fields)
    .filter(({ kind }) => kind === 'reference')
    .map(({ name }) => name)
}

export function relationToValue({ end, field, row }: RelationRow, column: Column): string | bigint {
  return column.name === 'end' ? end : column.name === 'field' ? field : BigInt(row)
}

/** Collects the references of one entity file while that file is written. The caller limits how many there are. */
export class RelationCollector {
  readonly #noun: Pick<NounSchema, 'name' | 'version'>
  readonly #fields: readonly string[]
  /** Per field, a map from each end to the rows that refer to it. */
  #rows: readonly Map<string, number[]>[]
  #references = 0

  constructor(noun: Pick<NounSchema, 'name' | 'version' | 'fields'>) {
    this.#noun = noun
    this.#fields = referenceNames(noun)
    this.#rows = this.#fields.map(() => new Map())
  }

  get references(): number {
    return this.#references
  }

  /** Rows must come in the order of the entity file. Rows without references may be omitted. */
  add(row: number, fields: EntityFields): void {
    for (const [at, field] of this.#fields.entries()) {
      const value = Object.hasOwn(fields, field) ? fields[field] : undefined
      // A list may name one entity twice; the row refers to it once.
      for (const end of new Set(referredIds(value))) this.#addOne(at, end, row)
    }
  }

  #addOne(at: number, end: string, row: number): void {
    const known = this.#rows[at]?.get(end)
    if (known === undefined) this.#rows[at]?.set(end, [row])
    else known.push(row)
    this.#references++
  }

  /** Returns the index file and clears the collection; undefined if no references were collected. */
  finish(groupRows: number = rowGroupRowsMax): WrittenFile | undefined {
    const rows = this.#take()
    if (rows.length === 0) return undefined
    const writer = new FileWriter<RelationRow>({
      columns: relationColumns,
      toValue: relationToValue,
      facts: {
        'headlessly.noun': this.#noun.name,
        'headlessly.noun.version': this.#noun.version,
        [relationFacts.format]: String(relationFormat),
        // A field that becomes a reference later is not in this index, so the index lists the fields that it covers.
        [relationFacts.references]: this.#fields.join(','),
      },
    })
    for (let at = 0; at < rows.length; at += groupRows) writer.addGroup(rows.slice(at, at + groupRows))
    return writer.finish()
  }

  #take(): readonly RelationRow[] {
    const ends = [...new Set(this.#rows.flatMap((byEnd) => [...byEnd.keys()]))].toSorted(compareText)
    const rows: RelationRow[] = []
    for (const end of ends) {
      for (const [at, field] of this.#fields.entries())
        for (const row of this.#rows[at]?.get(end) ?? []) rows.push({ end, field, row })
    }
    this.#rows = this.#fields.map(() => new Map())
    this.#references = 0
    return rows
  }
}
