// The ids that can match, as far as a filter says so by ids and references: what an index finds saves reading the rest.

import type { Filter } from 'digital-objects'

export interface CandidateSource {
  /** Ids of the entities whose `field` is one of these; may be more. Undefined when that is not known. */
  readonly referrers: (field: string, ids: readonly string[]) => Promise<ReadonlySet<string> | undefined>
}

/** All that match are among them. Undefined when the filter says nothing of it. */
export async function candidateIds(filter: Filter, source: CandidateSource): Promise<ReadonlySet<string> | undefined> {
  switch (filter.kind) {
    case 'and':
      return intersection(filter.of, source)
    case 'or':
      return union(filter.of, source)
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

async function intersection(
  parts: readonly Filter[],
  source: CandidateSource,
): Promise<ReadonlySet<string> | undefined> {
  let all: ReadonlySet<string> | undefined
  // One after the other: when nothing is left, nobody has to look further.
  for (const part of parts) {
    const ids = await candidateIds(part, source)
    if (ids === undefined) continue
    const before = all
    all = before === undefined ? ids : new Set([...ids].filter((id) => before.has(id)))
    if (all.size === 0) break
  }
  return all
}

async function union(parts: readonly Filter[], source: CandidateSource): Promise<ReadonlySet<string> | undefined> {
  const all = new Set<string>()
  for (const part of parts) {
    const ids = await candidateIds(part, source)
    if (ids === undefined) return undefined
    for (const id of ids) all.add(id)
  }
  return all
}

async function ofValues(
  field: string,
  values: readonly unknown[],
  source: CandidateSource,
): Promise<ReadonlySet<string> | undefined> {
  const texts = values.filter((value) => typeof value === 'string')
  if (texts.length !== values.length) return undefined
  return field === '$id' ? new Set(texts) : source.referrers(field, texts)
}

function unreachable(filter: never): never {
  throw new Error(`no such filter: ${JSON.stringify(filter)}`)
}
