// The outcome of a commit, as a string that is the same for a dry run and its execution unless something else happened.

import { type Committing, type LogRow, logRowToText, type TenantStore } from '@dotdo/do'
import { compileAuthority } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
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

/**
 * The events as JSON, as far as the caller may see them. The caller's rules decide by the state, so this runs inside the
 * commit. `commits` are the numbers of parts that would be commits of their own.
 */
export function eventTexts(
  rows: readonly LogRow[],
  given: { readonly store: TenantStore; readonly caller: Caller; readonly commits: readonly number[] },
): readonly string[] {
  const { store, caller, commits } = given
  const { authority, context } = caller
  const { visibility } = compileAuthority(authority, store.catalog.current.lookup)
  const events = store.eventVisibility(visibility)
  return rows
    .filter((row) => events.isVisible(row))
    .map((row) => {
      const commit = commits.findLast((first) => first <= row.seq) ?? row.commit
      return logRowToText({ ...events.shown(row), commit }, context)
    })
}

/** The ids that the commit made, in its order. */
export function idsOf(rows: readonly LogRow[]): readonly string[] {
  return rows.flatMap(({ id, target, version }) => (version === 1 ? [target, id] : [id]))
}
