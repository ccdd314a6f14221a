// The request of somebody who was signed in. A session ends long before its approval does, so the request is carried out with
// what its person may do then, without the session.

import { type TenantStore, unauthorized } from '@dotdo/do'
import type { Caller } from '../answers/caller.ts'
import { isProgram, type PlannedRequest } from './planned-request.ts'

/** Throws an ObjectError `unauthorized` if the person may do nothing. */
export function withoutSession(request: PlannedRequest, store: TenantStore): PlannedRequest {
  const caller = callerWithoutSession(request.caller, store)
  if (!isProgram(request)) return { ...request, caller }
  const writes = request.program.writes.map((write) => ({
    ...write,
    caller: callerWithoutSession(write.caller, store),
  }))
  return { ...request, caller, program: { ...request.program, writes } }
}

function callerWithoutSession(caller: Caller, { keys }: TenantStore): Caller {
  const { who, through } = caller.authority
  if (through?.kind !== 'session') return caller
  const authority = keys.identity?.authorityOf(who)
  if (authority === undefined) throw unauthorized()
  return { ...caller, authority }
}
