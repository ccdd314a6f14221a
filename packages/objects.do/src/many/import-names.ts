// The names that entities have in the programs they were imported from: who may give a name to another entity.

import type { StoredVersion, TenantStore, WriteGuard } from '@dotdo/do'
import { type NounSchema, ObjectError } from 'digital-objects'
import type { EntityCall } from '../writes/entity-call.ts'
import { guardOf } from '../writes/guard-write.ts'
import { importName } from './import-references.ts'

/** A name stays with its entity as long as that lives: only a caller who may write the entity gives the name to another. */
export function nameMover(
  {
    store,
    visibility,
    permission,
    authority,
  }: Pick<EntityCall, 'visibility' | 'permission' | 'authority'> & {
    readonly store: TenantStore
  },
  { noun, finding }: { readonly noun: NounSchema; readonly finding: { readonly system: string } },
): (name: string, to: string | undefined) => boolean {
  const { state, requests } = store
  const schema = store.catalog.current.lookup(noun.name)
  const guard = schema && guardOf({ store }, { schema, visibility, permission, authority })
  return (name, to) => {
    const holder = requests.imports.idOf(noun.name, importName(finding.system, name))
    if (visibility.isFull || holder === undefined || holder === to) return true
    const version = schema && state.hasTable(noun.name) ? state.get(state.tableOf(schema), holder) : undefined
    if (version === undefined || guard === undefined) return true
    return guard.isVisible(version) && isWritable(guard, version)
  }
}

function isWritable(guard: WriteGuard, version: StoredVersion): boolean {
  try {
    guard.checkWritable(version)
    return true
  } catch (error) {
    if (error instanceof ObjectError) return false
    throw error
  }
}
