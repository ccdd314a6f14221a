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
  const space = storageSpaceOf(env)
  await space?.refresh()
  if (isNamed(error, /SQLITE_FULL/) || space?.isFull === true) return { data: storageFull().toData(), log: false }
  const isDamaged = isNamed(error, /^internal error/) && space?.report?.isDamaged === true
  if (isDamaged || isNamed(error, /SQLITE_(?:CORRUPT|NOTADB)/)) return { data: databaseDamaged, log: true }
  // The object is busy or is being restarted. The write may have been done; its key makes a retry safe.
  const isPassing = isOverloaded(error) || isMarked(error, 'retryable')
  if (isPassing) {
    const message = 'the tenant is busy or is being started again; try again'
    return { data: { code: 'overloaded', message }, log: false }
  }
  const message = 'something went wrong here; the request id names it in the log'
  return { data: { code: 'internal_error', message }, log: true }
}

const databaseDamaged: ObjectErrorData = {
  code: 'database_damaged',
  message:
    "the tenant's database is damaged: stop the server and restore the folders objects and lake from one backup; the lake is unchanged",
}

/** The platform names the cause only sometimes, and otherwise reports an internal error of its own. */
function isNamed(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && pattern.test(error.message)
}

/** Whether the platform refused a call because its object has too many. */
export function isOverloaded(error: unknown): boolean {
  return isMarked(error, 'overloaded')
}

/** The platform marks errors of its objects this way. */
function isMarked(error: unknown, mark: 'overloaded' | 'retryable'): boolean {
  return typeof error === 'object' && error !== null && mark in error && Reflect.get(error, mark) === true
}
