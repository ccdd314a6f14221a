// The last visit of this person, kept as an entity, so that it is known on each of their devices. In a business that is just
// begun, and for who may not write such an entity, the browser remembers it.

import { HeadlesslyError } from '@headlessly/sdk'
import { type QueryClient, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { readVisits, storeVisits } from '../base/preferences.ts'
import { isOfVisits, mayKeep, withKept } from './kept-types.ts'
import { fieldsToVisits, goesOn, type Moment, type Visits, visitsToFields, withVisit } from '../base/visit.ts'
import type { Workspace } from './workspace.ts'
import { useScene } from './workspace-context.tsx'

const visitNoun = 'ConsoleVisit'

/** A business with fewer events is just begun: the first steps are shown, and nothing is kept that its people did not write. */
export const begunEvents = 20

/** Changes that are counted; the sentence says if there are more. */
const countedMax = 200

export interface Changes {
  readonly count: number
  readonly hasMore: boolean
}

export interface LastVisit {
  /** Is undefined on the first visit. */
  readonly last: Moment | undefined
}

/** The visit before the present one, which is begun unless it goes on. `events` is the newest `seq`. */
export function useLastVisit(events: number): UseQueryResult<LastVisit> {
  const { workspace } = useScene()
  const queries = useQueryClient()
  return useQuery({
    queryKey: [workspace.tenant, visitNoun, 'last'],
    queryFn: async () => ({ last: await lastVisit(workspace, { events, queries }) }),
  })
}

/** Changes since a moment that the caller may see, without those of visits. */
export function useChangesSince(moment: Moment | undefined): UseQueryResult<Changes> {
  const { workspace } = useScene()
  return useQuery({
    enabled: moment !== undefined,
    queryKey: [workspace.tenant, '*', 'changes-since', moment?.seq],
    queryFn: ({ signal }) => changesSince(workspace, moment?.seq ?? 0, signal),
  })
}

async function changesSince({ client }: Workspace, seq: number, signal?: AbortSignal): Promise<Changes> {
  const page = await client.events.list({ after: seq, limit: countedMax, ...(signal === undefined ? {} : { signal }) })
  return { count: page.filter((event) => !isOfVisits(event)).length, hasMore: page.hasMore }
}

interface Visiting {
  readonly events: number
  readonly queries: QueryClient
}

async function lastVisit(workspace: Workspace, { events, queries }: Visiting): Promise<Moment | undefined> {
  const now: Moment = { at: new Date().toISOString(), seq: events }
  const begin = (store: VisitStore): Promise<Moment | undefined> => beginVisit(workspace, store, now)
  const own = browserStore(workspace.tenant)
  if (events < begunEvents || !mayKeep(workspace, visitNoun)) return begin(own)
  try {
    return await begin(entityStore(await withKept(workspace, visitNoun, queries), own))
  } catch (error) {
    // A rule of access may refuse it, or a type of that name was there before.
    if (error instanceof HeadlesslyError) return begin(own)
    throw error
  }
}

interface VisitStore {
  readonly read: () => Promise<Visits | undefined>
  /** Returns false if another tab or device has written since it was read. */
  readonly write: (visits: Visits) => Promise<boolean>
}

/** Writes only if the visit is a new one and something has changed since the one before. */
async function beginVisit(workspace: Workspace, store: VisitStore, now: Moment): Promise<Moment | undefined> {
  const stored = await store.read()
  if (stored !== undefined) {
    if (goesOn(stored, Date.parse(now.at))) return stored.before
    const { count, hasMore } = await changesSince(workspace, stored.present.seq)
    if (count === 0 && !hasMore) return stored.present
  }
  const isBegun = await store.write(withVisit(stored, now))
  return isBegun ? stored?.present : (await store.read())?.before
}

function browserStore(tenant: string): VisitStore {
  return {
    read: () => Promise.resolve(readVisits(tenant)),
    write: (visits) => {
      storeVisits(tenant, visits)
      return Promise.resolve(true)
    },
  }
}

/** Begins with what the browser remembers. */
function entityStore({ entity, whoami }: Workspace, own: VisitStore): VisitStore {
  const { actor: owner } = whoami
  let found: { readonly id: string; readonly version: number } | undefined
  return {
    read: async () => {
      const [row] = await entity(visitNoun).find({ owner }, { limit: 1, strong: true })
      found = row === undefined ? undefined : { id: row.$id, version: row.$version }
      return row === undefined ? own.read() : fieldsToVisits(row)
    },
    write: async (visits) => {
      const fields = visitsToFields(visits)
      try {
        if (found === undefined) await entity(visitNoun).perform('create', { owner, ...fields })
        else await entity(visitNoun).perform('update', found.id, fields, { ifVersion: found.version })
        return true
      } catch (error) {
        // The owner is unique, so of two that create it the second is refused.
        if (error instanceof HeadlesslyError && ['conflict', 'version_conflict'].includes(error.code)) return false
        throw error
      }
    },
  }
}
