// The files of a tenant's services in its archive: each object of the store is a member of its own, under `files/`.

import type { KeptObjects } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import { type Caller, tenantFilesOf } from 'objects.do'
import type { Env } from '../base/env.ts'
import { filesWithSpace } from '../base/files-with-space.ts'
import { objectStoreOf } from '../base/object-store-of.ts'
import { services } from '../base/services.ts'
import { storageSpaceOf } from '../base/storage-space-of.ts'
import { command } from './services.ts'

export interface Asking {
  readonly env: Env
  readonly caller: Caller
}

export interface ArchivedBytes {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

const folder = 'files/'
const keyPattern = /^[a-z0-9_]{1,64}\/[a-z0-9_.]{1,64}$/

export function isFileMember(name: string): boolean {
  return name.startsWith(folder)
}

/** Yields the objects in the order of the services' lists, one at a time. Throws if one of them went meanwhile. */
export async function* archivedFiles(asking: Asking): AsyncGenerator<ArchivedBytes> {
  const store = objectStoreOf(asking.env)
  if (store === undefined) return
  const files = tenantFilesOf(store, asking.caller.tenant)
  for (const { name, keptObjects } of services) {
    if (keptObjects === undefined) continue
    for (let after: string | null = ''; after !== null;) {
      const listed = await command(asking, `${name}/${keptObjects}`, { after })
      const page: KeptObjects = listed as unknown as KeptObjects // the service's own answer
      for (const key of page.keys) {
        const bytes = await files.get(key)
        if (bytes === undefined) throw new Error(`the file '${key}' has gone while it was archived: try again`)
        yield { name: folder + key, bytes }
      }
      after = page.next
    }
  }
}

/** Puts an object that is synced before the load ends. Throws an ObjectError for a name that no archive has. */
export async function putArchivedFile(
  { env, caller }: Asking,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const store = objectStoreOf(env)
  if (store === undefined)
    throw new ObjectError({
      code: 'not_configured',
      field: 'LAKE',
      message: 'this server has no object store for files',
    })
  const key = name.slice(folder.length)
  if (!keyPattern.test(key) || key.includes('..'))
    throw new ObjectError({
      code: 'invalid_body',
      field: 'archive',
      message: `'${name.slice(0, 64)}': no archive has this member`,
    })
  const files = filesWithSpace(tenantFilesOf(store, caller.tenant), storageSpaceOf(env))
  await files.put(key, bytes, { ifAbsent: false })
  await files.sync([key])
}
