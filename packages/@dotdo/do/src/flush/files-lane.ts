// The jobs that change a tenant's files share one lane, so that no two of them, and no command, change files
// concurrently.

import type { RetryRule } from '../jobs/job.ts'

export const filesLane = 'files'

/** A failing store is retried after 1, 2, 4 ... seconds, then once a minute. */
export const storeRetry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 60_000 }
