// Live changes of a tenant, by which the parts of a page that show a changed type are read again.

import type { QueryClient } from '@tanstack/react-query'
import { isVisitType } from './kept-types.ts'
import type { Workspace } from './workspace.ts'

interface Change {
  readonly seq: number
  readonly types: readonly string[]
}

/** Changes that follow each other closely cause one reload. */
const gatherMs = 200

/** Returns the function that stops it. */
export function followChanges(workspace: Workspace, queries: QueryClient): () => void {
  const { client } = workspace
  const refresh = gather((changes: readonly Change[]) => invalidate(queries, workspace, changes))
  return client.commits.subscribe(
    '*',
    ({ commit, events }) => {
      const types = [...new Set(events.map(({ type }) => type.slice(0, type.lastIndexOf('.'))))]
      refresh({ seq: commit + events.length - 1, types })
    },
    // Nothing is between what the page has read and the first commit that it hears of.
    { after: seqOfBookmark(client.bookmark), onError: () => {} },
  )
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
