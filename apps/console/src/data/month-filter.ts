// The filter of a month: `2026-03` -> from its first moment to that of the next month, in UTC.

import type { Filter } from './filter-terms.ts'

export function monthFilter(field: string, month: string): Filter {
  const next = new Date(`${month}-01T00:00:00Z`)
  next.setUTCMonth(next.getUTCMonth() + 1)
  return { [field]: { $gte: `${month}-01T00:00:00.000Z`, $lt: next.toISOString() } }
}
