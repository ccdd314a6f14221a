// The authorities of keys, as this isolate knows them. A tenant's object decides; the answer is kept for 0.8 s, so that a cached
// read costs a lookup, and a revoked key reads nothing from caches and files after that.

import { LruCache } from '@dotdo/db'
import { type Authority, sha256Hex } from 'digital-objects'
import { type KeyVerdict, unauthorized } from 'objects.do'
import type { Env } from '../base/env.ts'
import { requestRoomOf } from '../base/request-room.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

/** Verdicts kept, of good and of bad keys. */
const keptMax = 20_000
/** A refusal, which leaves a little later, is still within a second of the revocation. */
const keptMs = 800
/** Refusals leave at multiples of this after their request, so that their time tells nothing about keys and tenants. */
const refusedEveryMs = 100

interface Kept {
  /** The authority of the key; undefined if it proves nothing. */
  readonly authority: Authority | undefined
  /** The only word at which it counts; undefined for everywhere. */
  readonly onlyAt: string | undefined
  readonly untilMs: number
}

type Ask = (of: PresentedTo) => string | Promise<string>

export interface PresentedTo {
  readonly tenant: string
  readonly key: string
  /** The first word below the tenant, since a token may count at one word only. */
  readonly word?: string
}

export class KeyAuthorities {
  readonly #ask: Ask
  readonly #now: () => number
  readonly #wait: (ms: number) => Promise<void>
  readonly #kept = new LruCache<Kept>(keptMax)
  readonly #asking = new Map<string, Promise<Kept>>()

  /** `ask` returns what `AnswersCalls.authenticate` answers. */
  constructor(options: {
    readonly ask: Ask
    readonly now: () => number
    readonly wait?: (ms: number) => Promise<void>
  }) {
    this.#ask = options.ask
    this.#now = options.now
    this.#wait = options.wait ?? sleep
  }

  /** Returns what the key proves, if that was asked less than a second ago. Most requests end here, synchronously. */
  known(of: PresentedTo): Authority | undefined {
    return authorityIn(this.#find(nameOf(of)), of)
  }

  /** Returns what the key proves; undefined if that is nothing. */
  async find(of: PresentedTo): Promise<Authority | undefined> {
    const name = nameOf(of)
    const found = this.#find(name)
    return authorityIn(found ?? (await this.#askOnce(name, of)), of)
  }

  /** Throws an ObjectError `unauthorized`, with the same delay for every reason. */
  async require(of: PresentedTo): Promise<Authority> {
    const startMs = this.#now()
    const authority = await this.find(of)
    if (authority !== undefined) return authority
    const passedMs = this.#now() - startMs
    await this.#wait(refusedEveryMs - (passedMs % refusedEveryMs))
    throw unauthorized()
  }

  #find(name: string): Kept | undefined {
    const kept = this.#kept.get(name)
    return kept !== undefined && kept.untilMs > this.#now() ? kept : undefined
  }

  /** Requests that come while the tenant is asked share its answer. */
  #askOnce(name: string, of: PresentedTo): Promise<Kept> {
    const asking = this.#asking.get(name) ?? this.#askAndKeep(name, of).finally(() => this.#asking.delete(name))
    this.#asking.set(name, asking)
    return asking
  }

  async #askAndKeep(name: string, of: PresentedTo): Promise<Kept> {
    // The answer may be as old as the question.
    const askedMs = this.#now()
    const text = await this.#ask(of)
    const verdict = text === '' ? undefined : (JSON.parse(text) as KeyVerdict) // made by the tenant's object
    const untilMs = Math.min(askedMs + keptMs, verdict?.endsMs ?? Number.POSITIVE_INFINITY)
    const kept: Kept = { authority: verdict?.authority, onlyAt: verdict?.onlyAt, untilMs }
    this.#kept.set(name, kept, 1)
    return kept
  }
}

/** A token for one resource is worthless at another. */
function authorityIn(kept: Kept | undefined, { word }: PresentedTo): Authority | undefined {
  return kept?.onlyAt === undefined || kept.onlyAt === word ? kept?.authority : undefined
}

function nameOf({ tenant, key }: PresentedTo): string {
  return `${tenant} ${key}`
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** By environment of an isolate. */
const known = new WeakMap<Env, KeyAuthorities>()

export function keyAuthoritiesOf(env: Env): KeyAuthorities {
  const kept = known.get(env)
  if (kept !== undefined) return kept
  const made = new KeyAuthorities({
    ask: ({ tenant, key }) => requestRoomOf(env).run(tenant, () => tenantsOf(env).authenticate(tenant, sha256Hex(key))),
    now: Date.now,
  })
  known.set(env, made)
  return made
}
