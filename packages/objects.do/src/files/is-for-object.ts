// Recognizes filters that only the tenant's object answers.

import type { Filter } from 'digital-objects'

/** Returns true for `$text`, for which only the object has an index, and `$regex`, for which it limits the work. */
export function isForObject(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.some(isForObject)
  return filter.kind === 'not' ? isForObject(filter.of) : filter.kind === 'text' || filter.kind === 'regex'
}
