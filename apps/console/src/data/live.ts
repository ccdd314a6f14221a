// Live changes of a tenant. A browser allows six connections to a server, so one tab listens and tells the others; another
// takes over when it closes. Without locks, as on plain HTTP from another machine, the page looks for changes at intervals.

import type { QueryClient } from '@tanstack/react-query'
import { isVisitType } from './kept-types.ts'
import type { Workspace } from './workspace.ts'

interface Change {
  readonly seq: number
  readonly types: readonly string[]
}

const pollMs = 15_000
/** Changes that follow each other closely cause one reload. */
const gatherMs = 200

/** Returns the function that stops it. */
export function followChanges(workspace: Workspace, queries: QueryClient): () => void {
  const { tenant } = workspace
  const refresh = gather((changes: readonly Change[]) => invalidate(queries, workspace, changes))
  if (!('locks' in navigator)) {
    const timer = setInterval(() => void queries.invalidateQueries({ queryKey: [tenant] }), pollMs)
    return () => clearInterval(timer)
  }
  const channel = new BroadcastChannel(`headlessly.live.${tenant}`)
  let seq: number | undefined
  const hear = (change: Change): void => {
    seq = change.seq
    refresh(change)
  }
  channel.addEventListener('message', ({ data }: MessageEvent<Change>) => hear(data))
  const ending = new AbortController()
  const lead = (): Promise<void> =>
    new Promise((resolve) => {
      const end = workspace.client.commits.subscribe(
        '*',
        (commit) => {
          const types = [...new Set(commit.events.map(({ type }) => type.slice(0, type.lastIndexOf('.'))))]
          const change = { seq: commit.commit + commit.events.length - 1, types }
          channel.postMessage(change)
          hear(change)
        },
        { after: seq, onError: () => {} },
      )
      ending.signal.addEventListener('abort', () => {
        end()
        resolve()
      })
    })
  navigator.locks.request(`headlessly.live.${tenant}`, { signal: ending.signal }, lead).catch(() => {})
  return () => {
    ending.abort()
    channel.close()
  }
}

/**
 * Keys of queries begin with the tenant and the type that they show; `*` stands for all but visits, which change no figure. A list
 * with a live query hears of changes by itself.
 */
function invalidate(queries: QueryClient, { tenant, liveLists }: Workspace, changes: readonly Change[]): void {
  void queries.invalidateQueries({
    predicate: ({ queryKey: [of, type], queryHash }) => {
      const after = liveLists.get(queryHash) ?? Infinity
      return (
        of === tenant &&
        changes.some(
          ({ seq, types }) => seq <= after && (type === '*' ? !types.every(isVisitType) : types.includes(String(type))),
        )
      )
    },
  })
}

/** Calls `work` once for items that follow each other closely. */
export function gather<Item>(work: (items: readonly Item[]) => void): (item: Item) => void {
  let waiting: Item[] | undefined
  return (item) => {
    if (waiting === undefined) {
      waiting = []
      setTimeout(() => {
        const all = waiting ?? []
        waiting = undefined
        work(all)
      }, gatherMs)
    }
    waiting.push(item)
  }
}

/** The `seq` of the last event that the client has seen. */
export function seqOfBookmark(bookmark: string | undefined): number {
  return Number(bookmark?.split('.')[1] ?? 0)
}
