// What an operator may ask of a tenant's files: to be brought up to the log, to be compared with it, to be made again.

import type { TenantStore } from '@dotdo/do'
import { ObjectError, unreachable } from 'digital-objects'
import type { LakeCall } from './call.ts'

/** Throws an ObjectError where there is no tenant, or no object store. */
export async function answerLake(store: TenantStore, call: LakeCall): Promise<object> {
  if (!store.isReady)
    throw new ObjectError({
      code: 'not_found',
      field: 'tenant',
      message: `nothing was ever written to '${call.tenant}'`,
    })
  switch (call.command) {
    case 'flush':
      return store.flush()
    case 'verify':
      return store.verify()
    case 'rebuild':
      return store.rebuild()
    default:
      return unreachable(call.command)
  }
}
