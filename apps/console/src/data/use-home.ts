// Data of the home page: the status with its numbers, series, groups, and the newest commits.

import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { Commit, MetricSeries, Status } from '@headlessly/sdk'
import type { Group } from './entity.ts'
import { useScene } from './workspace-context.tsx'

/** The counts of types and the times of events, for every page. The metrics of a large business take seconds. */
export function useCounts(): UseQueryResult<Status> {
  const { workspace, at } = useScene()
  return useQuery({
    queryKey: [workspace.tenant, '*', 'counts', at],
    queryFn: ({ signal }) => workspace.client.status({ signal, ...(at === undefined ? {} : { asOf: at }) }),
  })
}

/** The counts with all metrics and alerts. */
export function useStatus(): UseQueryResult<Status> {
  const { workspace, at } = useScene()
  return useQuery({
    queryKey: [workspace.tenant, '*', 'status', at],
    queryFn: ({ signal }) =>
      workspace.client.status({ metrics: true, signal, ...(at === undefined ? {} : { asOf: at }) }),
  })
}

/** The months before the shown moment. */
export function useRevenueByMonth(newest: string | null | undefined): UseQueryResult<MetricSeries> {
  const { workspace, at } = useScene()
  const end = at ?? newest ?? undefined
  return useQuery({
    enabled: end !== undefined,
    queryKey: [workspace.tenant, '*', 'mrr', at, end?.slice(0, 10)],
    queryFn: async ({ signal }) => {
      const to = (end ?? '').slice(0, 10)
      const from = `${Number(to.slice(0, 4)) - 1}${to.slice(4, 7)}-01`
      const options = { step: 'month', from, to, signal, ...(at === undefined ? {} : { asOf: at }) } as const
      return workspace.client.metrics.get('mrr', options)
    },
  })
}

export function useOpenDeals(): UseQueryResult<readonly Group[]> {
  const { workspace, reading } = useScene()
  return useQuery({
    enabled: workspace.types.has('Deal'),
    queryKey: [workspace.tenant, 'Deal', 'by-stage', reading],
    queryFn: ({ signal }) =>
      workspace.entity('Deal').aggregate({ closedAt: null }, { by: 'stage', sum: 'value', signal, ...reading }),
  })
}

export function useCommits(limit: number): UseQueryResult<readonly Commit[]> {
  const { workspace } = useScene()
  return useQuery({
    queryKey: [workspace.tenant, '*', 'commits', limit],
    queryFn: ({ signal }) => workspace.client.commits.list({ limit, signal }),
  })
}
