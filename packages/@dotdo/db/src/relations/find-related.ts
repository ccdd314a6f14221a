// Follows a reference for a few ids in both directions. The relation index finds the entities that refer to an id; the
// entity file itself, sorted by id, finds the ids that an entity refers to.

import { type Filter, type FilterPath, referredIds } from 'digital-objects'
import { type Column, metaColumns } from '../parquet/columns.ts'
import type { OpenFile, OpenRowGroup } from '../parquet/open-file.ts'
import { planScan, pruneByBloomFilters } from '../parquet/scan-plan.ts'
import { readColumns } from '../parquet/read-columns.ts'
import { relationColumns, relationFacts, relationFormat } from './relation-index.ts'

/** For more ids than this, the look-up would touch nearly all row groups anyway. */
export const endsMax = 64
/** Row groups (some 40,000 rows) that one look-up may read of a file. Reading more would cost more than it saves. */
export const lookupGroupsMax = 8

const [idColumn, deletedColumn] = metaColumns

export interface ReferrersRequest {
  /** A reference field of the Noun that the file belongs to. */
  readonly field: string
  readonly ends: readonly string[]
}

/**
 * Returns the rows of the entity file whose `field` is one of `ends`. Returns undefined if the index cannot answer: it
 * has another format, it was written before the field was a reference, or too much of it would have to be read.
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
  const groups = await groupsToRead(index, { filter, columns: relationColumns, values: ends.size })
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
  /** `references`: ids that `ends` refer to by this column. `referrers`: ids that refer to `ends` by it. */
  readonly wanted: 'references' | 'referrers'
}

/**
 * Returns ids, from an entity file and its index; undefined if the index cannot answer or too much would have to be
 * read.
 */
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
  const groups = await groupsToRead(entities, { filter, columns: [idColumn], values: wanted.size })
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
      if (!wanted.has(String(id[row])) || deleted?.[row] === true) continue
      for (const one of referredIds(other)) found.add(one)
    }
  }
  return found
}

/** Returns undefined if more than `lookupGroupsMax` groups would have to be read. */
async function groupsToRead(
  file: OpenFile,
  look: { readonly filter: Filter; readonly columns: readonly Column[]; readonly values: number },
): Promise<readonly OpenRowGroup[] | undefined> {
  if (look.values > endsMax) return undefined
  const options = { filter: look.filter, columns: new Map(look.columns.map((column) => [column.name, column])) }
  const groups = await pruneByBloomFilters(planScan(file, options), options)
  return groups.length > lookupGroupsMax ? undefined : groups
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
