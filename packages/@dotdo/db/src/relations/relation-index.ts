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

/** Returns the key of the index. It lies beside its entity file, but not in a table's folder of data. */
export function relationsKey(entitiesKey: string): string {
  const stem = /^(.+)\.parquet$/.exec(entitiesKey)?.[1]
  if (stem === undefined)
    throw new Error(`'${entitiesKey}' is not the key of an entity file: expected a name that ends in .parquet`)
  return `${stem.replace(/\/data\/([^/]+)$/, '/index/$1')}.relations.parquet`
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

  /**
   * Clears the collection and returns the index file; undefined if no references were collected. Pauses after each row
   * group.
   */
  async finish(options: FinishOptions = {}): Promise<WrittenFile | undefined> {
    const { groupRows = rowGroupRowsMax, pause } = options
    const collected = this.#rows
    this.#rows = this.#fields.map(() => new Map())
    this.#references = 0
    let writer: FileWriter<RelationRow> | undefined
    for (const group of groupsOf(this.#sorted(collected), groupRows)) {
      writer ??= this.#writer()
      writer.addGroup(group)
      await pause?.()
    }
    return writer?.finish()
  }

  #writer(): FileWriter<RelationRow> {
    return new FileWriter<RelationRow>({
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
  }

  *#sorted(collected: readonly Map<string, number[]>[]): Generator<RelationRow> {
    const ends = [...new Set(collected.flatMap((byEnd) => [...byEnd.keys()]))].toSorted(compareText)
    for (const end of ends) {
      for (const [at, field] of this.#fields.entries())
        for (const row of collected[at]?.get(end) ?? []) yield { end, field, row }
    }
  }
}

export interface FinishOptions {
  /** Rows in a row group. */
  readonly groupRows?: number | undefined
  /** Lets others run between two parts of the work. */
  readonly pause?: (() => Promise<void>) | undefined
}

function* groupsOf(rows: Iterable<RelationRow>, groupRows: number): Generator<readonly RelationRow[]> {
  let group: RelationRow[] = []
  for (const row of rows) {
    group.push(row)
    if (group.length < groupRows) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
