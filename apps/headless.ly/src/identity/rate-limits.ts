// Limits the requests of a minute, of each key and of all keys of a tenant together. They are counted in the memory of the
// isolate, over the last 60 seconds: the embedded server has one isolate, and Cloudflare has several, each with its own count.

import { LruCache } from '@dotdo/db'
import { isFullAuthority, ObjectError } from 'digital-objects'
import type { Caller } from 'objects.do'
import { requiresSignIn } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'

export interface Rate {
  readonly limit: number
  readonly remaining: number
  /** When the oldest requests count no more, in s since 1970. */
  readonly resetSeconds: number
}

/** Two periods: the requests of the one before count by the part of it that is less than a minute ago. */
interface Count {
  startMs: number
  now: number
  before: number
}

const minuteMs = 60_000
/** Requests of a key per minute, on a server that requires a sign-in. */
const usualLimit = 1_000
/** All keys of a tenant together have this many times the limit of one. */
const tenantFactor = 10
/** Counted keys and tenants; the one that was used longest ago is forgotten first. */
const countedMax = 20_000

export class RateLimits {
  readonly #limit: number
  readonly #now: () => number
  readonly #counts = new LruCache<Count>(countedMax)

  constructor(options: { readonly limit: number; readonly now: () => number }) {
    this.#limit = options.limit
    this.#now = options.now
  }

  /** Counts a request. Throws an ObjectError `rate_limited`, which counts for nobody. */
  take({ tenant, key }: { readonly tenant: string; readonly key: string }): Rate {
    const counted = [
      { count: this.#count(`${tenant} ${key}`), limit: this.#limit, whose: 'this key' },
      { count: this.#count(tenant), limit: this.#limit * tenantFactor, whose: 'all keys of the tenant' },
    ]
    const rates = counted.map(({ count, limit, whose }) => ({ ...this.#rateOf(count, limit), whose }))
    const spent = rates.find(({ remaining }) => remaining < 1)
    if (spent !== undefined) throw this.#refusal(spent)
    for (const { count } of counted) count.now++
    const [{ limit, remaining, resetSeconds } = { limit: 0, remaining: 1, resetSeconds: 0 }] = rates
    return { limit, remaining: remaining - 1, resetSeconds }
  }

  #count(name: string): Count {
    const startMs = this.#now() - (this.#now() % minuteMs)
    const count = this.#counts.get(name) ?? { startMs, now: 0, before: 0 }
    if (count.startMs !== startMs) {
      count.before = startMs - count.startMs === minuteMs ? count.now : 0
      count.now = 0
      count.startMs = startMs
    }
    this.#counts.set(name, count, 1)
    return count
  }

  #rateOf({ startMs, now, before }: Count, limit: number): Rate {
    const left = 1 - (this.#now() - startMs) / minuteMs
    const remaining = Math.max(0, Math.floor(limit - now - before * left))
    return { limit, remaining, resetSeconds: Math.ceil((startMs + minuteMs) / 1_000) }
  }

  #refusal({ limit, resetSeconds, whose }: Rate & { readonly whose: string }): ObjectError {
    const retryAfterSeconds = Math.max(1, resetSeconds - Math.floor(this.#now() / 1_000))
    return new ObjectError({
      code: 'rate_limited',
      message: `${whose} may make ${limit} requests per minute: try again in ${retryAfterSeconds} s`,
      detail: { retryAfterSeconds, limit, remaining: 0, reset: resetSeconds },
    })
  }
}

const known = new WeakMap<Env, RateLimits | undefined>()
/** The rates of requests that were counted, for the headers of their answers. */
const rates = new WeakMap<Request, Rate>()

/** Returns undefined without limits: on a server that only this machine reaches, unless it has a setting. */
function limitsOf(env: Env): RateLimits | undefined {
  if (known.has(env)) return known.get(env)
  const given = env.RATE_LIMIT === undefined ? Number.NaN : Number(env.RATE_LIMIT)
  const limit = Number.isSafeInteger(given) && given >= 0 ? given : requiresSignIn(env) ? usualLimit : 0
  const limits = limit === 0 ? undefined : new RateLimits({ limit, now: Date.now })
  known.set(env, limits)
  return limits
}

/** Counts a request of a caller with a key or session. Those who may do everything have no limit. */
export function limitRate(request: Request, env: Env, { tenant, authority }: Caller): void {
  const { through } = authority
  if (through === undefined) return
  const limits = limitsOf(env)
  if (limits === undefined || isFullAuthority(authority)) return
  rates.set(request, limits.take({ tenant, key: through.id }))
}

/** Adds the headers of the request's rate to its answer, of which they are the only owner. */
export function withRate(request: Request, answered: Response): Response {
  const rate = rates.get(request)
  if (rate === undefined || answered.status === 101) return answered
  answered.headers.set('x-ratelimit-limit', String(rate.limit))
  answered.headers.set('x-ratelimit-remaining', String(rate.remaining))
  answered.headers.set('x-ratelimit-reset', String(rate.resetSeconds))
  return answered
}
