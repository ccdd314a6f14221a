// Stores a dry run as a plan: its request and its promise, with which the execution is compared.

import type { TenantStore } from '@dotdo/do'
import type { Caller } from '../answers/caller.ts'

export type Promised = {
  /** The time by which it decided. */
  readonly nowMs: number
  /** The ids that it made, in order. */
  readonly ids: readonly string[]
  /** Everything that it would do, as a string. */
  readonly outcome: string
}

/** Returns the plan's id; null if it is too large to be kept, or its tenant does not exist yet. */
export function keepPlan(
  { requests }: TenantStore,
  request: { readonly caller: Caller },
  promised: Promised,
): string | null {
  if (requests.isRehearsal) return null
  const { bookmark: _bookmark, ...caller } = request.caller
  const id = requests.plans.put({
    ...promised,
    request: JSON.stringify({ ...request, caller }),
    realMs: requests.realMs,
  })
  requests.changed()
  return id ?? null
}
