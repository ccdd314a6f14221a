// Limits the requests of a minute: of each key, of all keys of a tenant together, and of callers without a key. They are counted in the memory of the
// isolate, over the last 60 seconds: the embedded server has one isolate, and Cloudflare has several, each with its own count.

import { LruCache } from '@dotdo/db'
import { isFullAuthority, ObjectError } from 'digital-objects'
import type { Caller } from 'objects.do'
import { requiresSignIn } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'
import { senderAddress } from '../base/sender-address.ts'
import { Bursts } from './bursts.ts'

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
/** Requests per minute of a caller without a key, by network address, and of keys by their `level`; others have the usual limit. */
const limitsByLevel: Readonly<Record<number, number>> = { 0: 30, 1: 100, 3: 10_000 }
/** All keys of a tenant together have this many times the limit of one. */
const tenantFactor = 10
/** All callers without a key together. */
const anonymousFactor = 100
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

  /** Counts a request of a key. Throws an ObjectError `rate_limited`, which counts for nobody. */
  take({
    tenant,
    key,
    level = 2,
  }: {
    readonly tenant: string
    readonly key: string
    readonly level?: number | undefined
  }): Rate | undefined {
    const limit = this.#limitOf(level)
    if (limit === Number.POSITIVE_INFINITY) return undefined
    return this.#take([
      { count: this.#count(`${tenant} ${key}`), limit, whose: 'this key' },
      {
        count: this.#count(tenant),
        limit: Math.max(limit, this.#limit) * tenantFactor,
        whose: 'all keys of the tenant',
      },
    ])
  }

  /** Counts a request of a caller without a key. */
  takeAnonymous(address: string): Rate {
    const limit = this.#limitOf(0)
    return this.#take([
      { count: this.#count(`~ ${address}`), limit, whose: 'your address' },
      { count: this.#count('~'), limit: limit * anonymousFactor, whose: 'all callers without a key' },
    ])
  }

  /** The operator's limit holds for those with a lower one by their level too. */
  #limitOf(level: number): number {
    const ofLevel = limitsByLevel[level] ?? this.#limit
    return level < 2 ? Math.min(ofLevel, this.#limit) : Math.max(ofLevel, this.#limit)
  }

  #take(counted: readonly { readonly count: Count; readonly limit: number; readonly whose: string }[]): Rate {
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

/** Counts of all servers of the isolate, which is one outside of tests. */
const bursts = new Bursts(Date.now)
const known = new WeakMap<Env, RateLimits | undefined>()
/** The rates of requests that were counted, for the headers of their answers. */
const rates = new WeakMap<Request, Rate>()

/**
 * Returns undefined without limits: on a server that only this machine reaches, unless it has a setting. Elsewhere a limit of 0
 * takes the limit from those who have a key of the usual level.
 */
function limitsOf(env: Env): RateLimits | undefined {
  if (known.has(env)) return known.get(env)
  const given = env.RATE_LIMIT === undefined ? Number.NaN : Number(env.RATE_LIMIT)
  const limit = Number.isSafeInteger(given) && given >= 0 ? given : requiresSignIn(env) ? usualLimit : 0
  const isNeeded = limit > 0 || requiresSignIn(env)
  const limits = isNeeded
    ? new RateLimits({ limit: limit === 0 ? Number.POSITIVE_INFINITY : limit, now: Date.now })
    : undefined
  known.set(env, limits)
  return limits
}

/**
 * Counts a request of a caller with a key or session, or of an anonymous one. Those who may do everything have no limit. `counted` is
 * the message of a session that `request` has opened.
 */
export function limitRate(
  {
    request,
    env,
    counted = request,
  }: { readonly request: Request; readonly env: Env; readonly counted?: object | undefined },
  { tenant, authority }: Caller,
): void {
  const { through } = authority
  if (through === undefined) return limitAnonymous(request, env, counted)
  const limits = limitsOf(env)
  if (limits === undefined || isFullAuthority(authority)) return
  const { id: key, level } = through
  bursts.begin(counted, { whose: `${tenant} ${key}`, level: level ?? 2 })
  record(request, limits.take({ tenant, key, level }))
}

/** Counts a request of a caller without a key. */
export function limitAnonymous(request: Request, env: Env, counted: object = request): void {
  const limits = limitsOf(env)
  if (limits === undefined) return
  const address = senderAddress(request, env)
  bursts.begin(counted, { whose: `~ ${address}`, level: 0 })
  record(request, limits.takeAnonymous(address))
}

/**
 * Counts a request that proves itself, before its proof is checked: by network address and tenant, so that a sender that was set up
 * has the limit of a key, and nobody can use up that of another.
 */
export function limitStranger(request: Request, env: Env, tenant: string): void {
  const limits = limitsOf(env)
  if (limits === undefined) return
  const key = `~ ${senderAddress(request, env)}`
  bursts.begin(request, { whose: `${tenant} ${key}`, level: 2 })
  record(request, limits.take({ tenant: `${tenant} ~`, key }))
}

function record(request: Request, rate: Rate | undefined): void {
  if (rate !== undefined) rates.set(request, rate)
}

/** Call it when the answer to a request that was counted begins, also if that is a refusal. */
export function endOfRequest(request: object): void {
  bursts.end(request)
}

/** Adds the headers of the request's rate to its answer. That of another object, such as a stream, cannot be changed itself. */
export function withRate(request: Request, answered: Response): Response {
  endOfRequest(request)
  const rate = rates.get(request)
  if (rate === undefined || answered.status === 101) return answered
  const own = new Response(answered.body, answered)
  own.headers.set('x-ratelimit-limit', String(rate.limit))
  own.headers.set('x-ratelimit-remaining', String(rate.remaining))
  own.headers.set('x-ratelimit-reset', String(rate.resetSeconds))
  return own
}
