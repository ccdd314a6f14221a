// Which snapshots of a Noun's table stay: the present one, and the last of each of the newest days, by its tag.

import type { TableMetadata } from '@dotdo/db'

/** Days that tags reach back. Each keeps the files of its snapshot. */
const tagsMax = 30

/** The tag of a day is the day's last snapshot, such as `2026-11-29`, in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

export function newestTags({ refs }: TableMetadata): readonly string[] {
  const tags = Object.entries(refs).flatMap(([name, { type }]) => (type === 'tag' ? [name] : []))
  return tags.toSorted().slice(-tagsMax)
}

/** When the oldest snapshot was made that may expire by age. */
export function expirableOf(metadata: TableMetadata): number | undefined {
  const kept = newestTags(metadata).map((tag) => metadata.refs[tag]?.['snapshot-id'])
  const isKept = (id: number): boolean => id === metadata['current-snapshot-id'] || kept.includes(id)
  return metadata.snapshots.find((snapshot) => !isKept(snapshot['snapshot-id']))?.['timestamp-ms']
}
