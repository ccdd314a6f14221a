// The caller of work that was stored, such as a bulk job or a plan, with what it may do now.

import type { TenantStore } from '@dotdo/do'
import type { Caller } from '../answers/caller.ts'

/** Throws an ObjectError `unauthorized` if the caller's key proves nothing now. */
export function withCurrentAuthority(caller: Caller, { keys }: TenantStore): Caller {
  const authority = keys.current(caller.authority)
  // Values cached by caller stay cached while nothing has changed.
  return authority === caller.authority ? caller : { ...caller, authority }
}
