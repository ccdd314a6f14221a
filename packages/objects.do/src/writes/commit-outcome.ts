// The outcome of a commit, as a string that is the same for a dry run and its execution unless something else happened.

import type { Committing, LogRow, TenantStore } from '@dotdo/do'
import type { PartResult } from './write.ts'

const rowsPerRead = 100

/** The events of the commit so far. Call it inside the commit. */
export function rowsOf(store: TenantStore, { number }: Pick<Committing, 'number'>): readonly LogRow[] {
  const found: LogRow[] = []
  for (let after = number - 1; after < store.events.head;) {
    const { rows, readThrough } = store.events.read({ after, limit: rowsPerRead })
    found.push(...rows)
    after = readThrough
  }
  return found
}

/** `times` are those of the commit and of its plan, which differ if it is executed later; so do the numbers of its events. */
export function outcomeText(
  rows: readonly LogRow[],
  { body, isUnchanged }: PartResult,
  times: readonly number[],
): string {
  const isoTimes = times.map((ms) => JSON.stringify(new Date(ms).toISOString()))
  const timeless = (text: string): string => isoTimes.reduce((rest, iso) => rest.replaceAll(iso, '"now"'), text)
  const events = rows.map(({ id, type, target, version, actor, onBehalfOf, via, noun, data, changes }) => [
    [id, type, target, version, actor, onBehalfOf, via, noun],
    timeless(data),
    changes === null ? null : timeless(changes),
  ])
  return JSON.stringify([events, timeless(body).replaceAll(/"commit":\d+/g, '"commit":0'), isUnchanged === true])
}

/** The ids that the commit made, in its order. */
export function idsOf(rows: readonly LogRow[]): readonly string[] {
  return rows.flatMap(({ id, target, version }) => (version === 1 ? [target, id] : [id]))
}
