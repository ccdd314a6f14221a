// Keeps a list current by a live query: a changed row is replaced where it stands, without another read. A row that comes, or moves
// to another place, makes the list be read again.

import { hashKey, type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Filter } from './filter-terms.ts'
import { changePages, type ListPages } from './list-pages.ts'
import { gather, seqOfBookmark } from './live.ts'
import type { Workspace } from './workspace.ts'
import { useScene } from './workspace-context.tsx'

export interface ListWanted {
  readonly noun: string
  readonly filter: Filter
  readonly sort: string | undefined
  /** References whose entities come along, for their names. */
  readonly include: readonly string[]
}

/** The order is the last part, so that all orders of the same rows have one beginning. */
export type ListKey = readonly [
  tenant: string,
  noun: string,
  kind: 'rows',
  wanted: Pick<ListWanted, 'filter' | 'include'> & { readonly reading: object },
  sort: string | null | undefined,
]

/** Does nothing for the past, which does not change. */
export function useLiveList(key: ListKey, isLive: boolean): void {
  const { workspace, at } = useScene()
  const queries = useQueryClient()
  const hash = hashKey(key)
  const follows = isLive && at === undefined && isFollowable(key)
  useEffect(() => {
    if (!follows) return undefined
    return followList(workspace, queries, JSON.parse(hash) as ListKey) // it was made of one
  }, [workspace, queries, hash, follows])
}

/** Live queries take conditions on the entities' own fields, so other lists do not ask for one. */
function isFollowable([, , , { filter }]: ListKey): boolean {
  return !/"(?:\$text|[^"]+\.[^"]+)":/.test(JSON.stringify(filter))
}

/** Returns the function that stops it. */
function followList(workspace: Workspace, queries: QueryClient, key: ListKey): () => void {
  const [, noun, , { filter, include }, sort] = key
  const hash = hashKey(key)
  const { client, liveLists } = workspace
  const after = seqOfBookmark(client.bookmark)
  const readAgain = gather<undefined>(() => void queries.invalidateQueries({ queryKey: key, exact: true }))
  const leave = (): void => {
    liveLists.delete(hash)
    // The list may have missed changes that other lists of the type have heard of.
    void queries.invalidateQueries({ queryKey: key, exact: true })
  }
  liveLists.set(hash, after)
  const end = workspace.entity(noun).liveChanges(
    filter,
    (change) => {
      const pages = queries.getQueryData<ListPages>(key)
      if (change.kind === 'reset' || pages === undefined) return readAgain(undefined)
      const { pages: next, isStale } = changePages(pages, change, { sort, include })
      queries.setQueryData<ListPages>(key, next)
      // An answer that is on its way may be older than the change.
      if (isStale || queries.isFetching({ queryKey: key, exact: true }) > 0) readAgain(undefined)
    },
    // A caller whose rights depend on other entities is refused: the list is read again at each change of its type.
    { after, onError: (_, { isEnded }) => isEnded && leave() },
  )
  return () => {
    end()
    leave()
  }
}
