// What can match in a file, as far as a filter says so by ids and references: what an index finds saves reading the rest.

import { type Filter, unreachable } from 'digital-objects'

/** Rows of one file that have one of these positions, or one of these ids. */
export interface Candidates {
  readonly rows: ReadonlySet<number>
  readonly ids: ReadonlySet<string>
}

export interface CandidateSource {
  /** Rows whose `field` is one of these ids; may be more. Undefined when that is not known. */
  readonly referrers: (field: string, ids: readonly string[]) => Promise<ReadonlySet<number> | undefined>
}

const nothing: Candidates = { rows: new Set(), ids: new Set() }

/** All that match are among them. Undefined when the filter says nothing of it. */
export async function findCandidates(filter: Filter, source: CandidateSource): Promise<Candidates | undefined> {
  switch (filter.kind) {
    case 'and':
      return ofAll(filter.of, source)
    case 'or':
      return ofAny(filter.of, source)
    case 'compare':
      return filter.op === 'eq' ? ofValues(filter.path.field, [filter.value], source) : undefined
    case 'in':
      return ofValues(filter.path.field, filter.values, source)
    case 'not':
    case 'exists':
    case 'regex':
    case 'text':
      return undefined
    default:
      return unreachable(filter)
  }
}

async function ofAll(parts: readonly Filter[], source: CandidateSource): Promise<Candidates | undefined> {
  let all: Candidates | undefined
  // One after the other: when nothing is left, nobody has to look further.
  for (const part of parts) {
    const some = await findCandidates(part, source)
    if (some === undefined) continue
    all = all === undefined ? some : inBoth(all, some)
    if (candidateCount(all) === 0) break
  }
  return all
}

async function ofAny(parts: readonly Filter[], source: CandidateSource): Promise<Candidates | undefined> {
  const all = { rows: new Set<number>(), ids: new Set<string>() }
  for (const part of parts) {
    const some = await findCandidates(part, source)
    if (some === undefined) return undefined
    for (const row of some.rows) all.rows.add(row)
    for (const id of some.ids) all.ids.add(id)
  }
  return all
}

/** May be more: which position an id has is not known here, so where one says ids and the other rows, the fewer count. */
function inBoth(a: Candidates, b: Candidates): Candidates {
  const areRows = a.ids.size === 0 && b.ids.size === 0
  const areIds = a.rows.size === 0 && b.rows.size === 0
  if (areRows || areIds) return { rows: common(a.rows, b.rows), ids: common(a.ids, b.ids) }
  return candidateCount(a) <= candidateCount(b) ? a : b
}

/** How many rows that is at most. */
function candidateCount({ rows, ids }: Candidates): number {
  return rows.size + ids.size
}

function common<Item>(a: ReadonlySet<Item>, b: ReadonlySet<Item>): ReadonlySet<Item> {
  return new Set([...a].filter((item) => b.has(item)))
}

async function ofValues(
  field: string,
  values: readonly unknown[],
  source: CandidateSource,
): Promise<Candidates | undefined> {
  const texts = values.filter((value) => typeof value === 'string')
  if (texts.length !== values.length) return undefined
  if (field === '$id') return { ...nothing, ids: new Set(texts) }
  const rows = await source.referrers(field, texts)
  return rows === undefined ? undefined : { ...nothing, rows }
}
