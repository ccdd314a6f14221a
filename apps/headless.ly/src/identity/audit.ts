// The front door's way to a tenant's audit log.

import { LruCache } from '@dotdo/db'
import { ObjectError } from 'digital-objects'
import type { AuditEntry, Caller } from 'objects.do'
import type { Env } from '../base/env.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

/** Refusals of one kind are sent once in this time, so that a flood of them costs the tenant nothing. */
const repeatedMs = 60_000
const repeatedMax = 10_000
const sentMs = new WeakMap<Env, LruCache<number>>()

/**
 * Adds an entry to the audit log of a tenant. Everything in the Worker that signs people in or out, refuses them, or changes what
 * they may do calls this function; inside a tenant's object it is `parts.audit`, and another object keeps an `AuditLog` of its own.
 * An entry has ids, never a secret. Entries of a tenant that does not exist are dropped. Never rejects; pass the promise to
 * `waitUntil`.
 */
export async function audit(env: Env, tenant: string, entry: AuditEntry): Promise<void> {
  try {
    await tenantsOf(env).audit(tenant, entry)
  } catch {
    // The log is a record beside the work, which must not fail with it.
  }
}

export interface RefusedRequest {
  readonly env: Env
  readonly tenant: string
  /** The name of what was asked. */
  readonly about: string
  readonly waitUntil: (work: Promise<unknown>) => void
  readonly caller?: Caller
}

/** Does the work, and adds an entry if it throws a refusal. Use it for what the front door refuses by itself. */
export function auditingRefusals<Result>(of: RefusedRequest, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    const kind = error instanceof ObjectError ? error.code : undefined
    if (kind === 'forbidden' || kind === 'unauthorized' || kind === 'rate_limited') sendRefusal(of, kind)
    throw error
  }
}

function sendRefusal({ env, tenant, about, waitUntil, caller }: RefusedRequest, kind: AuditEntry['kind']) {
  const sent = sentMs.get(env) ?? new LruCache<number>(repeatedMax)
  sentMs.set(env, sent)
  const { who, onBehalfOf, through } = caller?.authority ?? {}
  const name = JSON.stringify([tenant, kind, about, who, through?.id])
  const nowMs = Date.now()
  if (nowMs - (sent.get(name) ?? Number.NEGATIVE_INFINITY) < repeatedMs) return
  sent.set(name, nowMs, 1)
  waitUntil(audit(env, tenant, { kind, actor: who, onBehalfOf, key: through?.id, about }))
}
