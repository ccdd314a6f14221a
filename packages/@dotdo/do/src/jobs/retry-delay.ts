// How long a retry rule waits after a failure.

import type { RetryRule } from './job.ts'

/** The wait after one more failure, if `failuresBefore` attempts in a row had failed before it. */
export function retryDelayMs({ firstMs, factor, maxMs }: RetryRule, failuresBefore: number): number {
  return Math.min(firstMs * factor ** failuresBefore, maxMs)
}
