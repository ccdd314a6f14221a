// The rows of a list, page by page as they are needed, and their number.

import { hashKey, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Entity, Group } from './entity.ts'
import type { Filter } from './filter-terms.ts'
import type { ListPage } from './list-pages.ts'
import { type ListKey, type ListWanted, useLiveList } from './use-live-list.ts'
import { usePendingChanges } from './use-pending-changes.ts'
import { useScene } from './workspace-context.tsx'

const pageRows = 200

export interface RowsWanted extends ListWanted {
  /** Whether a live query keeps the rows current. Other lists are read again at each change of their type. */
  readonly isLive?: boolean
}

export interface Rows {
  readonly rows: readonly Entity[]
  /** The number of all matches; undefined while it is counted. */
  readonly total: number | undefined
  readonly error: unknown
  readonly isPending: boolean
  /** Reads on until the row at this index is there. */
  readonly reach: (index: number) => void
  readonly retry: () => void
}

export function useRows({ noun, filter, sort, include, isLive = false }: RowsWanted): Rows {
  const { workspace, reading } = useScene()
  const key: ListKey = [workspace.tenant, noun, 'rows', { filter, include, reading }, sort]
  const options = { ...reading, ...(sort === undefined ? {} : { sort }), ...(include.length === 0 ? {} : { include }) }
  const pages = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }): Promise<ListPage> => {
      const at = pageParam === undefined ? {} : { cursor: pageParam }
      const rows = await workspace.entity(noun).find(filter, { ...options, limit: pageRows, signal, ...at })
      return { rows, cursor: rows.cursor, total: rows.total }
    },
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
    // The same rows in their old order stay until the new order is there, and with them the button that sorts.
    placeholderData: (before, query) =>
      query !== undefined && hashKey(query.queryKey.slice(0, -1)) === hashKey(key.slice(0, -1)) ? before : undefined,
  })
  useLiveList(key, isLive)
  const [first] = pages.data?.pages ?? []
  // The list does not wait for its number.
  const counted = useQuery({
    enabled: first !== undefined && first.total === null,
    queryKey: [workspace.tenant, noun, 'count', { filter, reading }],
    queryFn: async ({ signal }) =>
      (await workspace.entity(noun).find(filter, { ...reading, limit: 1, count: 'exact', signal })).total,
  })
  const withPending = usePendingChanges(noun)
  const read = useMemo(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data])
  const rows = useMemo(() => read.flatMap((row) => withPending(row) ?? []), [read, withPending])
  const { isFetchingNextPage, fetchNextPage, refetch } = pages
  const hasNextPage = pages.hasNextPage && !pages.isPlaceholderData
  const reach = useCallback(
    (index: number) => {
      if (index >= read.length && hasNextPage && !isFetchingNextPage) void fetchNextPage()
    },
    [read.length, hasNextPage, isFetchingNextPage, fetchNextPage],
  )
  const total = first?.total ?? counted.data ?? undefined
  return {
    rows,
    total: total === undefined ? undefined : total - (read.length - rows.length),
    error: pages.error,
    isPending: pages.isPending,
    reach,
    retry: () => void refetch(),
  }
}

export interface GroupsWanted {
  readonly noun: string
  readonly filter: Filter
  readonly by: string | undefined
  readonly sum: readonly string[]
}

export function useGroups({ noun, filter, by, sum }: GroupsWanted): readonly Group[] | undefined {
  const { workspace, reading } = useScene()
  const { data } = useQuery({
    enabled: by !== undefined,
    queryKey: [workspace.tenant, noun, 'groups', { filter, by, sum, reading }],
    queryFn: ({ signal }) =>
      workspace.entity(noun).aggregate(filter, { by, signal, ...(sum.length === 0 ? {} : { sum }), ...reading }),
  })
  return data
}
