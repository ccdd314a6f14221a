// The time at which a write's change happened, for a write that names one.

import type { Change, TenantStore } from '@dotdo/do'
import { type CallOf, happenedAtRule, ObjectError, parseDatetime } from 'digital-objects'

/** Throws an ObjectError for a text that is no time, and for a time in the future of the tenant's clock. */
export function happenedAt(
  store: Pick<TenantStore, 'nowMs'>,
  { at }: Pick<CallOf<'write'>, 'at'>,
): Pick<Change, 'atMs'> {
  if (at === undefined) return {}
  const atMs = parseDatetime(at)
  if (atMs === undefined) throw refuse(`expects ${happenedAtRule}, got ${JSON.stringify(at.slice(0, 64))}`)
  const { nowMs } = store
  if (atMs <= nowMs) return { atMs }
  throw refuse(`expects a time that is not in the future, got ${at}; it is ${new Date(nowMs).toISOString()} now`)
}

function refuse(message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field: 'at', message: `at ${message}` })
}
