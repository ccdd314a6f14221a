// The relation index of one entity file: every reference in it as two rows, so that who refers and what is referred to
// are each found by one look at their own end. It may name entities that a newer layer has changed, and never leaves one
// out that the file holds.

import { compareText, type EntityFields, type NounSchema } from 'digital-objects'
import type { Column } from '../parquet/columns.ts'
import { FileWriter, rowGroupRowsMax, type WrittenFile } from '../parquet/file-writer.ts'

/** Readers pass over an index of another format and scan the entities instead. */
export const relationFormat = 1

/** `contact_1, organization, organization_2` says the same as `organization_2, Contact.organization, contact_1`. */
export interface RelationRow {
  readonly end: string
  /** The field of the entity `end` that refers, or that of another Noun by which it is referred to. */
  readonly field: string
  readonly other: string
}

/** The row groups of an index are sorted by `end`. Numbers are for ever, as those of entity files. */
export const relationColumns = [
  { id: 1, name: 'end', storage: 'text', isRequired: true, isIndexed: true },
  { id: 2, name: 'field', storage: 'text', isRequired: true, isIndexed: false },
  { id: 3, name: 'other', storage: 'text', isRequired: true, isIndexed: false },
] as const satisfies readonly Column[]

export const relationFacts = { format: 'headlessly.relations', references: 'headlessly.references' } as const

/** Beside its entity file. */
export function relationsKey(entitiesKey: string): string {
  const stem = /^(.+)\.parquet$/.exec(entitiesKey)?.[1]
  if (stem === undefined) throw new Error(`'${entitiesKey}' is no key of an entity file`)
  return `${stem}.relations.parquet`
}

/** What other Nouns call a field from their end. */
export function reverseName(noun: string, field: string): string {
  return `${noun}.${field}`
}

/** Names of the fields that hold references. */
export function referenceNames(schema: Pick<NounSchema, 'fields'>): readonly string[] {
  return Object.values(schema.fields)
    .filter(({ kind }) => kind === 'reference')
    .map(({ name }) => name)
}

/** Collects the references of one entity file while that is written. The caller bounds how many there are. */
export class RelationCollector {
  readonly #noun: Pick<NounSchema, 'name' | 'version'>
  /** Each with its name from the other end. */
  readonly #names: readonly (readonly [string, string])[]
  #forward: RelationRow[] = []
  #reverse = new Map<string, RelationRow[]>()

  constructor(noun: Pick<NounSchema, 'name' | 'version' | 'fields'>) {
    this.#noun = noun
    this.#names = referenceNames(noun).map((name) => [name, reverseName(noun.name, name)])
  }

  get references(): number {
    return this.#forward.length
  }

  /** Entities come in order of id. */
  add(entity: { readonly id: string; readonly fields: EntityFields }): void {
    const { id, fields } = entity
    for (const [field, reversed] of this.#names) {
      const other = Object.hasOwn(fields, field) ? fields[field] : undefined
      if (typeof other !== 'string') continue
      this.#forward.push({ end: id, field, other })
      const known = this.#reverse.get(other)
      const row = { end: other, field: reversed, other: id }
      if (known === undefined) this.#reverse.set(other, [row])
      else known.push(row)
    }
  }

  /** The file of what was collected, which is forgotten with it; undefined when that was nothing. */
  finish(groupRows: number = rowGroupRowsMax): WrittenFile | undefined {
    const rows = this.#take()
    if (rows.length === 0) return undefined
    const writer = new FileWriter<RelationRow>({
      columns: relationColumns,
      toValue: (row, column) => (column.name === 'end' ? row.end : column.name === 'field' ? row.field : row.other),
      facts: {
        'headlessly.noun': this.#noun.name,
        'headlessly.noun.version': this.#noun.version,
        [relationFacts.format]: String(relationFormat),
        // A field that became a reference later is in no index of this age.
        [relationFacts.references]: this.#names.map(([name]) => name).join(','),
      },
    })
    for (let at = 0; at < rows.length; at += groupRows) writer.addGroup(rows.slice(at, at + groupRows))
    return writer.finish()
  }

  /** In order of `end`. One direction came in order, of the other only the ends are sorted: most of them are few. */
  #take(): readonly RelationRow[] {
    const ends = [...this.#reverse.keys()].toSorted(compareText)
    const rows: RelationRow[] = []
    let at = 0
    for (const end of ends) {
      for (; at < this.#forward.length; at++) {
        const row = this.#forward[at] as RelationRow
        if (compareText(row.end, end) > 0) break
        rows.push(row)
      }
      for (const row of this.#reverse.get(end) ?? []) rows.push(row)
    }
    for (const row of this.#forward.slice(at)) rows.push(row)
    this.#forward = []
    this.#reverse = new Map()
    return rows
  }
}
