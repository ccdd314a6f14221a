// Whether a key or a session, by its id, may read everything of its tenant now. The tenant's object decides, and the answer is kept
// for a second.

import { LruCache } from '@dotdo/db'
import { fullAuthority } from 'digital-objects'
import { parseAnswer } from 'objects.do'
import type { Env } from '../base/env.ts'
import { requestRoomOf } from '../base/request-room.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

interface Kept {
  readonly mayRead: boolean
  readonly untilMs: number
}

const keptMax = 10_000
const keptMs = 1_000
const known = new WeakMap<Env, LruCache<Kept>>()

export async function mayReadEverything(
  env: Env,
  { tenant, principal }: { readonly tenant: string; readonly principal: string },
): Promise<boolean> {
  const cache = known.get(env) ?? new LruCache<Kept>(keptMax)
  known.set(env, cache)
  const name = `${tenant} ${principal}`
  const kept = cache.get(name)
  const nowMs = Date.now()
  if (kept !== undefined && kept.untilMs > nowMs) return kept.mayRead
  // Only the id crosses to the object, which makes the authority of now.
  const authority = { ...fullAuthority(principal), through: { kind: 'key', id: principal } } as const
  const caller = { tenant, context: '', authority, via: 'rest' } as const
  const call = { kind: 'read', read: 'whoami', parameters: {} } as const
  const [text = ''] = await requestRoomOf(env).run(tenant, () => tenantsOf(env).ask({ caller, calls: [call] }))
  const answer = parseAnswer(text)
  const mayRead = answer.ok && (JSON.parse(answer.body) as { readonly mayDoEverything: boolean }).mayDoEverything
  cache.set(name, { mayRead, untilMs: nowMs + keptMs }, 1)
  return mayRead
}
