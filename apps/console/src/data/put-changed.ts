// Puts an entity as the server has answered it in the place of the one that was read before.

import type { QueryClient } from '@tanstack/react-query'
import type { ListChange } from '@headlessly/sdk'
import type { Entity } from './entity.ts'
import { changePages, type ListPages, withIncluded } from './list-pages.ts'
import type { ListKey } from './use-live-list.ts'
import type { RecordKey, RecordState } from './use-record.ts'

interface Changed {
  readonly tenant: string
  readonly noun: string
  readonly id: string
  /** Null if it was deleted. */
  readonly entity: Entity | null
}

export function putChanged(queries: QueryClient, { tenant, noun, id, entity }: Changed): void {
  const cache = queries.getQueryCache()
  const change: ListChange<Entity> = {
    kind: 'change',
    commit: 0,
    entered: [],
    changed: entity === null ? [] : [entity],
    left: entity === null ? [{ $id: id, $version: Infinity }] : [],
  }
  for (const { queryKey } of cache.findAll({ queryKey: [tenant, noun, 'rows'] })) {
    const [, , , { reading, include }, sort] = queryKey as ListKey // those of lists
    if ('asOf' in reading) continue
    queries.setQueryData<ListPages>(queryKey, (pages) => pages && changePages(pages, change, { sort, include }).pages)
  }
  if (entity === null) return
  for (const { queryKey } of cache.findAll({ queryKey: [tenant, noun, 'record', id] })) {
    const reading = (queryKey as RecordKey)[4] // those of records
    if ('asOf' in reading) continue
    queries.setQueryData<RecordState>(queryKey, (state) =>
      state?.entity == null ? state : { ...state, entity: withIncluded(state.entity, entity) },
    )
  }
}
