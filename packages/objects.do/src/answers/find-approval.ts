// Finds an approval that its caller may see: an own one, or any for a caller who may do everything.

import type { Approval, TenantStore } from '@dotdo/do'
import { isFullAuthority, ObjectError } from 'digital-objects'
import type { Caller } from './caller.ts'

/** Throws an ObjectError `not_found`. */
export function findApproval(
  { isReady, requests }: Pick<TenantStore, 'isReady' | 'requests'>,
  { id = '', caller }: { readonly id: string | undefined; readonly caller: Caller },
): Approval {
  const { authority } = caller
  const approval = isReady ? requests.approvals.find(id, requests.realMs) : undefined
  if (approval !== undefined && (isFullAuthority(authority) || approval.actor === authority.who)) return approval
  const message = `there is no approval '${id.slice(0, 64)}': approvals are kept for 30 days`
  throw new ObjectError({ code: 'not_found', field: 'id', message })
}
