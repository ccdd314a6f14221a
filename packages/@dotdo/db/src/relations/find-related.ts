// Looks into a relation index: what lies at the other end of a field, for a few ids.

import type { Filter } from 'digital-objects'
import type { Column } from '../parquet/columns.ts'
import type { OpenFile } from '../parquet/open-file.ts'
import { planScan, pruneByBloomFilters } from '../parquet/scan-plan.ts'
import { readColumns } from '../scan/read-columns.ts'
import { relationColumns, relationFacts, relationFormat, reverseName } from './relation-index.ts'

/** For more ids than these the row groups to look into are about all that there are. */
export const endsMax = 64
/** Of an index, read for one look: some 40,000 rows. Beyond that it costs what it would save. */
export const indexGroupsMax = 8

const columns: ReadonlyMap<string, Column> = new Map(relationColumns.map((column) => [column.name, column]))

export interface RelatedRequest {
  readonly noun: string
  /** A reference of that Noun. */
  readonly field: string
  readonly ends: readonly string[]
  /** `references`: what `ends` refer to. `referrers`: who refers to `ends`. */
  readonly wanted: 'references' | 'referrers'
}

/**
 * Undefined when the index cannot say: it is of another format, was written before the field was a reference, or too
 * much of it would have to be read.
 */
export async function findRelated(index: OpenFile, request: RelatedRequest): Promise<ReadonlySet<string> | undefined> {
  const { noun, field, wanted } = request
  const ends = new Set(request.ends)
  if (ends.size > endsMax || !covers(index, field)) return undefined
  const name = wanted === 'references' ? field : reverseName(noun, field)
  const options = { filter: endsAre([...ends], name), columns }
  const plan = planScan(index, options)
  const groups = await pruneByBloomFilters(plan, options)
  if (groups.length > indexGroupsMax) return undefined
  const found = new Set<string>()
  const read = await Promise.all(groups.map((group) => readColumns(index, group, relationColumns)))
  for (const rows of read) {
    const [end, fields, other] = [rows.get('end') ?? [], rows.get('field'), rows.get('other')]
    for (let row = 0; row < end.length; row++)
      if (fields?.[row] === name && ends.has(String(end[row]))) found.add(String(other?.[row]))
  }
  return found
}

function covers(index: OpenFile, field: string): boolean {
  const facts = new Map(index.metadata.key_value_metadata?.map(({ key, value }) => [key, value]))
  return (
    facts.get(relationFacts.format) === String(relationFormat) &&
    (facts.get(relationFacts.references) ?? '').split(',').includes(field)
  )
}

function endsAre(ends: readonly string[], field: string): Filter {
  const path = (name: string) => ({ steps: [], field: name, storage: 'text', keys: [] }) as const
  return {
    kind: 'and',
    of: [
      { kind: 'in', path: path('end'), values: ends },
      { kind: 'compare', path: path('field'), op: 'eq', value: field },
    ],
  }
}
