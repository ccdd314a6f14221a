// Limits the requests of a key, or of an address without one, that are under way at the same time. A request is under way until
// its answer begins, so a stream is not. A message of a session counts as a request.

import { LruCache } from '@dotdo/db'
import { ObjectError } from 'digital-objects'

/** By the access level; a level that is not here has no limit. */
const burstsByLevel: Readonly<Record<number, number>> = { 0: 10, 1: 30, 2: 100 }
/** A request whose client has gone may never be answered, and counts no longer than this. */
const countedMs = 60_000
/** Counted keys and addresses; the one that was used longest ago is forgotten first. */
const countedMax = 20_000

export class Bursts {
  readonly #now: () => number
  /** The times at which the requests of a key began, by request. */
  readonly #underWay = new LruCache<Map<object, number>>(countedMax)
  readonly #whose = new WeakMap<object, string>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Counts a request once, however often it is begun. Throws an ObjectError `rate_limited`, and then counts nothing. */
  begin(request: object, { whose, level }: { readonly whose: string; readonly level: number }): void {
    const most = burstsByLevel[level]
    if (most === undefined || this.#whose.has(request)) return
    const own = this.#underWay.get(whose) ?? new Map<object, number>()
    const nowMs = this.#now()
    // They are in the order of their times.
    for (const [one, startMs] of own) {
      if (nowMs - startMs < countedMs) break
      own.delete(one)
    }
    if (own.size >= most) throw tooMany(most)
    own.set(request, nowMs)
    this.#underWay.set(whose, own, 1)
    this.#whose.set(request, whose)
  }

  /** Call it when the answer begins. */
  end(request: object): void {
    const whose = this.#whose.get(request)
    if (whose !== undefined) this.#underWay.get(whose)?.delete(request)
  }
}

function tooMany(most: number): ObjectError {
  const retryAfterSeconds = 1
  const message = `at most ${most} requests may be under way at the same time: wait for answers, or try again in ${retryAfterSeconds} s`
  return new ObjectError({ code: 'rate_limited', message, detail: { retryAfterSeconds } })
}
