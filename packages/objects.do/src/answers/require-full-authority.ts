// Some requests are about all data of a tenant, so they are only for callers that may see and do everything.

import { isFullAuthority, ObjectError } from 'digital-objects'
import type { Caller } from './caller.ts'

/** `what` was asked, for the sentence. Throws an ObjectError `forbidden`. */
export function requireFullAuthority({ authority }: Caller, what: string): void {
  if (isFullAuthority(authority)) return
  throw new ObjectError({
    code: 'forbidden',
    message: `${what} is about all data of the tenant, and this caller may not see or do everything`,
  })
}
