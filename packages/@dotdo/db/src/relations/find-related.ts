// What lies at the other end of a reference, for a few ids. Who refers to them the relation index tells; what they refer
// to their entity file does, which is sorted by id.

import type { Filter, FilterPath } from 'digital-objects'
import { type Column, metaColumns } from '../parquet/columns.ts'
import type { OpenFile, OpenRowGroup } from '../parquet/open-file.ts'
import { planScan, pruneByBloomFilters } from '../parquet/scan-plan.ts'
import { readColumns } from '../scan/read-columns.ts'
import { relationColumns, relationFacts, relationFormat } from './relation-index.ts'

/** For more ids than these the row groups to look into are about all that there are. */
export const endsMax = 64
/** Of a file, read for one look: some 40,000 rows. Beyond that it costs what it would save. */
export const lookedGroupsMax = 8

const [idColumn, deletedColumn] = metaColumns

export interface ReferrersRequest {
  /** A reference of the Noun whose file it is. */
  readonly field: string
  readonly ends: readonly string[]
}

/**
 * The rows of the index's entity file whose `field` is one of `ends`. Undefined when the index cannot say: it is of
 * another format, was written before the field was a reference, or too much of it would have to be read.
 */
export async function findReferrers(
  index: OpenFile,
  request: ReferrersRequest,
): Promise<ReadonlySet<number> | undefined> {
  const { field } = request
  if (!covers(index, field)) return undefined
  const found = new Set<number>()
  const ends = new Set(request.ends)
  const filter: Filter = {
    kind: 'and',
    of: [isOneOf('end', [...ends]), { kind: 'compare', path: pathTo('field'), op: 'eq', value: field }],
  }
  const groups = await groupsToLookInto(index, { filter, columns: relationColumns, values: ends.size })
  if (groups === undefined) return undefined
  const read = await Promise.all(groups.map((group) => readColumns(index, group, relationColumns)))
  for (const columns of read) {
    const [end, fields, rows] = [columns.get('end') ?? [], columns.get('field'), columns.get('row')]
    for (let at = 0; at < end.length; at++)
      if (fields?.[at] === field && ends.has(String(end[at]))) found.add(Number(rows?.[at]))
  }
  return found
}

export interface RelatedRequest {
  readonly column: Column
  readonly ends: readonly string[]
  /** `references`: what `ends` refer to by that column. `referrers`: who refers to `ends` by it. */
  readonly wanted: 'references' | 'referrers'
}

/** Ids, from an entity file and its index. Undefined when too much would have to be read, or the index cannot say. */
export async function findRelated(
  file: { readonly entities: OpenFile; readonly index: OpenFile },
  request: RelatedRequest,
): Promise<ReadonlySet<string> | undefined> {
  const { column, ends, wanted } = request
  const { entities, index } = file
  if (wanted === 'references') return findReferences(entities, column, ends)
  const rows = await findReferrers(index, { field: column.name, ends })
  if (rows === undefined) return undefined
  const found = new Set<string>()
  for (const group of entities.groups) {
    const within = [...rows].filter((row) => row >= group.rowStart && row < group.rowEnd)
    if (within.length === 0) continue
    const ids = (await readColumns(entities, group, [idColumn])).get(idColumn.name)
    for (const row of within) found.add(String(ids?.[row - group.rowStart]))
  }
  return found
}

async function findReferences(
  entities: OpenFile,
  column: Column,
  ids: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  const wanted = new Set(ids)
  const filter = isOneOf(idColumn.name, [...wanted])
  const groups = await groupsToLookInto(entities, { filter, columns: [idColumn], values: wanted.size })
  if (groups === undefined) return undefined
  const found = new Set<string>()
  const read = await Promise.all(groups.map((group) => readColumns(entities, group, [idColumn, deletedColumn, column])))
  for (const columns of read) {
    const [id, deleted, others] = [
      columns.get(idColumn.name) ?? [],
      columns.get(deletedColumn.name),
      columns.get(column.name),
    ]
    for (let row = 0; row < id.length; row++) {
      const other: unknown = others?.[row]
      if (wanted.has(String(id[row])) && deleted?.[row] !== true && typeof other === 'string') found.add(other)
    }
  }
  return found
}

/** Undefined when they are too many. */
async function groupsToLookInto(
  file: OpenFile,
  look: { readonly filter: Filter; readonly columns: readonly Column[]; readonly values: number },
): Promise<readonly OpenRowGroup[] | undefined> {
  if (look.values > endsMax) return undefined
  const options = { filter: look.filter, columns: new Map(look.columns.map((column) => [column.name, column])) }
  const groups = await pruneByBloomFilters(planScan(file, options), options)
  return groups.length > lookedGroupsMax ? undefined : groups
}

function covers(index: OpenFile, field: string): boolean {
  const facts = new Map(index.metadata.key_value_metadata?.map(({ key, value }) => [key, value]))
  return (
    facts.get(relationFacts.format) === String(relationFormat) &&
    (facts.get(relationFacts.references) ?? '').split(',').includes(field)
  )
}

function isOneOf(column: string, values: readonly string[]): Filter {
  return { kind: 'in', path: pathTo(column), values }
}

function pathTo(field: string): FilterPath {
  return { steps: [], field, storage: 'text', keys: [] }
}
