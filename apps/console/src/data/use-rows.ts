// The rows of a list, page by page as they are needed, and their number.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Entity, Group } from './entity.ts'
import type { Filter } from './filter-terms.ts'
import { useScene } from './workspace-context.tsx'

const pageRows = 200

export interface RowsWanted {
  readonly noun: string
  readonly filter: Filter
  readonly sort: string | undefined
  /** References whose entities come along, for their names. */
  readonly include: readonly string[]
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

export function useRows({ noun, filter, sort, include }: RowsWanted): Rows {
  const { workspace, reading } = useScene()
  const wanted = { filter, include, reading }
  const options = { ...reading, ...(sort === undefined ? {} : { sort }), ...(include.length === 0 ? {} : { include }) }
  const pages = useInfiniteQuery({
    queryKey: [workspace.tenant, noun, 'rows', wanted, sort] as const,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam: cursor, signal }) =>
      workspace
        .entity(noun)
        .find(filter, { ...options, limit: pageRows, signal, ...(cursor === undefined ? {} : { cursor }) }),
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
    // The same rows in their old order stay until the new order is there, and with them the button that sorts.
    placeholderData: (before, query) =>
      JSON.stringify(query?.queryKey.slice(0, -1)) === JSON.stringify([workspace.tenant, noun, 'rows', wanted])
        ? before
        : undefined,
  })
  const [first] = pages.data?.pages ?? []
  // The list does not wait for its number.
  const counted = useQuery({
    enabled: first !== undefined && first.total === null,
    queryKey: [workspace.tenant, noun, 'count', { filter, reading }],
    queryFn: async ({ signal }) =>
      (await workspace.entity(noun).find(filter, { ...reading, limit: 1, count: 'exact', signal })).total,
  })
  const rows = useMemo(() => pages.data?.pages.flat() ?? [], [pages.data])
  const { isFetchingNextPage, fetchNextPage, refetch } = pages
  const hasNextPage = pages.hasNextPage && !pages.isPlaceholderData
  const reach = useCallback(
    (index: number) => {
      if (index >= rows.length && hasNextPage && !isFetchingNextPage) void fetchNextPage()
    },
    [rows.length, hasNextPage, isFetchingNextPage, fetchNextPage],
  )
  return {
    rows,
    total: first?.total ?? counted.data ?? undefined,
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
