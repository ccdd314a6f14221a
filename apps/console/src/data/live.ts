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
  const refresh = gather((types) => invalidate(queries, tenant, types))
  if (!('locks' in navigator)) {
    const timer = setInterval(() => void queries.invalidateQueries({ queryKey: [tenant] }), pollMs)
    return () => clearInterval(timer)
  }
  const channel = new BroadcastChannel(`headlessly.live.${tenant}`)
  let seq: number | undefined
  const hear = ({ seq: heard, types }: Change): void => {
    seq = heard
    refresh(types)
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

/** Keys of queries begin with the tenant and the types that they show; `*` stands for all but visits, which change no figure. */
function invalidate(queries: QueryClient, tenant: string, types: ReadonlySet<string>): void {
  const isOnlyVisits = [...types].every(isVisitType)
  void queries.invalidateQueries({
    predicate: ({ queryKey: [of, type] }) => of === tenant && (type === '*' ? !isOnlyVisits : types.has(String(type))),
  })
}

function gather(work: (types: ReadonlySet<string>) => void): (types: readonly string[]) => void {
  let waiting: Set<string> | undefined
  return (types) => {
    if (waiting === undefined) {
      waiting = new Set()
      setTimeout(() => {
        const all = waiting ?? new Set<string>()
        waiting = undefined
        work(all)
      }, gatherMs)
    }
    for (const type of types) waiting.add(type)
  }
}
