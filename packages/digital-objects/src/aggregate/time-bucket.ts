// The bucket of a datetime or a date: `2026-03-05`, `2026-W10` (ISO 8601, beginning on Monday), `2026-03`, `2026-Q1`, `2026`.

import { unreachable } from '../base/unreachable.ts'
import type { TimeBucket } from './aggregate.ts'

const dayMs = 86_400_000

/** Takes the local time as if it were UTC: the instant plus the zone's offset. Returns null outside of the years 0 to 9999. */
export function bucketOf(bucket: TimeBucket, localMs: number): string | null {
  const date = new Date(localMs)
  const year = date.getUTCFullYear()
  if (!(year >= 0 && year <= 9_999)) return null
  switch (bucket) {
    case 'day':
      return date.toISOString().slice(0, 10)
    case 'week':
      return weekOf(localMs)
    case 'month':
      return date.toISOString().slice(0, 7)
    case 'quarter':
      return `${yearText(year)}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`
    case 'year':
      return yearText(year)
    default:
      return unreachable(bucket)
  }
}

/** A week belongs to the year of its Thursday. */
function weekOf(localMs: number): string {
  const days = Math.floor(localMs / dayMs)
  const thursday = days - ((((days + 3) % 7) + 7) % 7) + 3
  const year = new Date(thursday * dayMs).getUTCFullYear()
  const first = new Date(0)
  first.setUTCFullYear(year, 0, 1)
  const week = Math.floor((thursday - first.getTime() / dayMs) / 7) + 1
  return `${yearText(year)}-W${String(week).padStart(2, '0')}`
}

function yearText(year: number): string {
  return String(year).padStart(4, '0')
}
