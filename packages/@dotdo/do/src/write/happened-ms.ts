// The time at which a change of a commit happened, which may be earlier than the commit's.

import type { Change } from './change.ts'

export function happenedMs({ atMs }: Pick<Change, 'atMs'>, commitMs: number): number {
  return atMs === undefined ? commitMs : Math.min(atMs, commitMs)
}
