// Filters that only the tenant's object answers.

import type { Filter } from 'digital-objects'

/** The object has a full text index, and a limit on the entities that a pattern may test. */
export function isForObject(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.some(isForObject)
  return filter.kind === 'not' ? isForObject(filter.of) : filter.kind === 'text' || filter.kind === 'regex'
}
