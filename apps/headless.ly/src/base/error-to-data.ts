// An error as a client sees it: the client's own mistake, a request to try again, or an internal error.

import { ObjectError, type ObjectErrorData } from 'digital-objects'
import { storageFull } from 'objects.do'
import type { Env } from './env.ts'
import { storageSpaceOf } from './storage-space-of.ts'

interface ErrorAsData {
  readonly data: ObjectErrorData
  /** True for a fault of ours. */
  readonly log: boolean
}

export async function errorToData(error: unknown, env: Pick<Env, 'LAKE_SYNC'>): Promise<ErrorAsData> {
  if (error instanceof ObjectError) return { data: error.toData(), log: false }
  if (await isForLackOfSpace(error, env)) return { data: storageFull().toData(), log: false }
  // The object is busy or is being restarted. The write may have been done; its key makes a retry safe.
  const isPassing = isMarked(error, 'overloaded') || isMarked(error, 'retryable')
  if (isPassing) {
    const message = 'the tenant is busy or is being started again; try again'
    return { data: { code: 'overloaded', message }, log: false }
  }
  const message = 'something went wrong here; the request id names it in the log'
  return { data: { code: 'internal_error', message }, log: true }
}

/** The platform names the cause only sometimes, and otherwise reports an internal error of its own. */
async function isForLackOfSpace(error: unknown, env: Pick<Env, 'LAKE_SYNC'>): Promise<boolean> {
  if (error instanceof Error && error.message.includes('SQLITE_FULL')) return true
  const space = storageSpaceOf(env)
  await space?.refresh()
  return space?.isFull === true
}

/** The platform marks errors of its objects this way. */
function isMarked(error: unknown, mark: 'overloaded' | 'retryable'): boolean {
  return typeof error === 'object' && error !== null && mark in error && Reflect.get(error, mark) === true
}
