// Finds the rows of a file that can match a filter by its conditions on ids and references, so that a scan can skip the
// rest of the file.

import { type Filter, unreachable } from 'digital-objects'

/** Rows of one file that have one of these positions or one of these ids. */
export interface Candidates {
  readonly rows: ReadonlySet<number>
  readonly ids: ReadonlySet<string>
}

export interface CandidateSource {
  /** Returns the rows whose `field` is one of these ids, possibly with some others; undefined if that is unknown. */
  readonly referrers: (field: string, ids: readonly string[]) => Promise<ReadonlySet<number> | undefined>
}

const noCandidates: Candidates = { rows: new Set(), ids: new Set() }

/** Returns a superset of the matching rows; undefined if the filter does not restrict them. */
export async function findCandidates(filter: Filter, source: CandidateSource): Promise<Candidates | undefined> {
  switch (filter.kind) {
    case 'and':
      return intersectParts(filter.of, source)
    case 'or':
      return unionParts(filter.of, source)
    case 'compare':
      return filter.op === 'eq' ? fromValues(filter.path.field, [filter.value], source) : undefined
    case 'in':
      return fromValues(filter.path.field, filter.values, source)
    case 'not':
    case 'compareFields':
    case 'exists':
    case 'regex':
    case 'text':
      return undefined
    default:
      return unreachable(filter)
  }
}

async function intersectParts(parts: readonly Filter[], source: CandidateSource): Promise<Candidates | undefined> {
  let all: Candidates | undefined
  // Sequential, since an empty intersection makes the remaining look-ups unnecessary.
  for (const part of parts) {
    const some = await findCandidates(part, source)
    if (some === undefined) continue
    all = all === undefined ? some : intersect(all, some)
    if (candidateCount(all) === 0) break
  }
  return all
}

async function unionParts(parts: readonly Filter[], source: CandidateSource): Promise<Candidates | undefined> {
  const all = { rows: new Set<number>(), ids: new Set<string>() }
  for (const part of parts) {
    const some = await findCandidates(part, source)
    if (some === undefined) return undefined
    for (const row of some.rows) all.rows.add(row)
    for (const id of some.ids) all.ids.add(id)
  }
  return all
}

/**
 * Intersects two sets of candidates. The result may hold too many: the position of an id is unknown here, so rows and
 * ids cannot be intersected, and the smaller set is returned instead.
 */
function intersect(a: Candidates, b: Candidates): Candidates {
  const areRows = a.ids.size === 0 && b.ids.size === 0
  const areIds = a.rows.size === 0 && b.rows.size === 0
  if (areRows || areIds) return { rows: common(a.rows, b.rows), ids: common(a.ids, b.ids) }
  return candidateCount(a) <= candidateCount(b) ? a : b
}

/** Returns the largest number of rows that can match. */
function candidateCount({ rows, ids }: Candidates): number {
  return rows.size + ids.size
}

function common<Item>(a: ReadonlySet<Item>, b: ReadonlySet<Item>): ReadonlySet<Item> {
  return new Set([...a].filter((item) => b.has(item)))
}

async function fromValues(
  field: string,
  values: readonly unknown[],
  source: CandidateSource,
): Promise<Candidates | undefined> {
  const texts = values.filter((value) => typeof value === 'string')
  if (texts.length !== values.length) return undefined
  if (field === '$id') return { ...noCandidates, ids: new Set(texts) }
  const rows = await source.referrers(field, texts)
  return rows === undefined ? undefined : { ...noCandidates, rows }
}
