// The wait of a retry rule after a failure.

import type { RetryRule } from './job.ts'

/** Returns the wait after a failure that followed `failuresBefore` other consecutive failures. */
export function retryDelayMs({ firstMs, factor, maxMs, waitsMs }: RetryRule, failuresBefore: number): number {
  if (waitsMs !== undefined) return waitsMs[failuresBefore] ?? maxMs
  return Math.min(firstMs * factor ** failuresBefore, maxMs)
}
