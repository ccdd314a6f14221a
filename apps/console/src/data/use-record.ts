// Data of one entity: its fields, what is related to it, what refers to it, and its history.

import type { DryRun, ObjectEvent } from '@headlessly/sdk'
import { useInfiniteQuery, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Entity } from './entity.ts'
import type { FieldInfo, NounInfo } from './noun-schema.ts'
import { usePendingChanges } from './use-pending-changes.ts'
import { useScene } from './workspace-context.tsx'

export interface RecordState {
  /** The entity, with those that it refers to; null if there is none. */
  readonly entity: Entity | null
  /** The last state of an entity that was deleted. */
  readonly deleted: Entity | undefined
}

export type RecordKey = readonly [tenant: string, noun: string, kind: 'record', id: string, reading: object]

export function useRecord(info: NounInfo, id: string): UseQueryResult<RecordState> {
  const { workspace, reading, at } = useScene()
  const withPending = usePendingChanges(info.name)
  const key: RecordKey = [workspace.tenant, info.name, 'record', id, reading]
  const include = info.fields.filter(({ kind, any }) => kind === 'reference' && any !== true).map(({ name }) => name)
  return useQuery({
    queryKey: key,
    select: useCallback(
      (state: RecordState) =>
        state.entity === null ? state : { ...state, entity: withPending(state.entity) ?? state.entity },
      [withPending],
    ),
    queryFn: async ({ signal }): Promise<RecordState> => {
      const entity = await workspace.entity(info.name).get(id, { include, signal, ...reading })
      if (entity !== null || at !== undefined) return { entity, deleted: undefined }
      const last = (await workspace.entity(info.name).changesOf(id)).at(-1)
      return { entity, deleted: last?.data as Entity | undefined }
    },
  })
}

export interface Related {
  readonly rows: readonly Entity[]
  readonly total: number | null
}

/** The newest entities that refer to this one by a field of theirs. */
export function useRelated(field: FieldInfo, id: string): UseQueryResult<Related> {
  const { workspace, reading } = useScene()
  const { from = '', by = '' } = field
  return useQuery({
    enabled: workspace.types.has(from),
    queryKey: [workspace.tenant, from, 'related', { by, id, reading }],
    queryFn: async ({ signal }) => {
      const page = await workspace.entity(from).find({ [by]: id }, { limit: 5, count: 'exact', signal, ...reading })
      return { rows: page, total: page.total }
    },
  })
}

export interface HistoryPages {
  readonly events: readonly ObjectEvent[]
  readonly error: unknown
  readonly isPending: boolean
  /** Reads older or newer events that are not there yet; undefined at the end. */
  readonly more: (() => void) | undefined
}

const historyRows = 200

/** Oldest first, as the log has it. */
export function useHistory(noun: string, id: string): HistoryPages {
  const { workspace } = useScene()
  const { data, error, isPending, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [workspace.tenant, noun, 'history', id],
    initialPageParam: 0,
    queryFn: async ({ pageParam: after, signal }) =>
      workspace.entity(noun).history(id, { limit: historyRows, after, signal }),
    getNextPageParam: (page) => (page.hasMore ? page.at(-1)?.seq : undefined),
  })
  return {
    events: data?.pages.flat() ?? [],
    error,
    isPending,
    more: hasNextPage ? () => void fetchNextPage() : undefined,
  }
}

export interface Trial {
  readonly noun: string
  readonly id: string
  readonly verb: string
  /** Is undefined while the typed text is not valid. */
  readonly data: object | undefined
}

/** The outcome of a verb, or the reason of its refusal, in the server's words. */
export function useVerbTrial({ noun, id, verb, data }: Trial): UseQueryResult<DryRun<Entity>> {
  const { workspace } = useScene()
  return useQuery({
    enabled: data !== undefined,
    queryKey: [workspace.tenant, noun, 'trial', { id, verb, data }],
    staleTime: 0,
    queryFn: () => {
      const given = verb === 'delete' ? [] : [data ?? {}]
      return workspace.entity(noun).tryOut(verb, id, ...given, { dryRun: true })
    },
  })
}
