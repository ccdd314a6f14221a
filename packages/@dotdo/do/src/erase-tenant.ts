// One slice of a tenant's deletion: its files first, then its database. Every step may be repeated.

import type { TenantParts } from './compose-tenant.ts'
import { eraseFiles } from './flush/erase-files.ts'
import { filesLane } from './flush/files-lane.ts'

export interface Erasing {
  readonly parts: TenantParts
  readonly storage: DurableObjectStorage
  /** Whether the tenant has tables. */
  readonly isReady: boolean
  readonly name: string
}

export async function eraseTenant({ parts, storage, isReady, name }: Erasing): Promise<{ readonly isDone: boolean }> {
  const { meta, lake, runner, outbox } = parts
  if (isReady) {
    meta.set('erasing', 'yes')
    // A handler that has started may still write; its write is refused.
    await runner.exclusively(outbox.lane, () => Promise.resolve())
  }
  if (lake !== undefined) {
    const erase = (): Promise<boolean> => eraseFiles(lake.store, name)
    // A running job may still put files, so the deletion waits for it.
    const isEmpty = await (isReady ? runner.exclusively(filesLane, erase) : erase())
    if (!isEmpty) return { isDone: false }
  }
  await storage.deleteAlarm()
  await storage.deleteAll()
  return { isDone: true }
}
