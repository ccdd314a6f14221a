// Edits and deletions that the server has not confirmed yet: what they change is shown at once, and is gone if they are refused.

import { useMutationState } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Entity } from './entity.ts'
import { type Change, changeKey } from './change.ts'
import { useScene } from './workspace-context.tsx'

/** Returns the entity with what is pending; undefined if its deletion is. */
export type WithPending = (entity: Entity) => Entity | undefined

/** The past has no pending changes. */
export function usePendingChanges(noun: string): WithPending {
  const { workspace, at } = useScene()
  const changes = useMutationState({
    filters: { mutationKey: changeKey(workspace.tenant), status: 'pending' },
    select: ({ state }) => state.variables as Change, // of this key
  })
  return useMemo(() => {
    const own = at === undefined ? changes.filter((change) => change.noun === noun) : []
    if (own.length === 0) return (entity) => entity
    return (entity) => {
      const ofEntity = own.filter(({ id }) => id === entity.$id)
      if (ofEntity.some(({ verb }) => verb === 'delete')) return undefined
      return ofEntity
        .filter(({ verb }) => verb === 'update')
        .reduce<Entity>((shown, { data }) => ({ ...shown, ...data }), entity)
    }
  }, [changes, noun, at])
}
