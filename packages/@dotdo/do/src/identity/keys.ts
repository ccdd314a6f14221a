// The keys of a tenant, as its object checks them: for each message and, once more, for each change in the lane. Verdicts are
// kept until a change may have touched them, so that a check costs a lookup.

import { type Authority, ObjectError } from 'digital-objects'
import type { AuditLog } from './audit-log.ts'
import { Budgets } from './budgets.ts'
import type { Credentials, Session } from './credentials.ts'
import type { ExpiringValues } from './expiring-values.ts'
import type { Identity, Verdict } from './identity.ts'

/** Keys whose verdicts are kept; a tenant rarely has more in use. */
const verdictsMax = 1_000
/** Ids of sessions begin with it, and those of no entity. */
const sessionPrefix = 'session_'
/** A session is opened for less than this, so an ended one is refused for as long. */
const sessionMsMax = 2 * 3_600_000

export class Keys {
  readonly credentials: Credentials
  readonly audit: AuditLog
  /** Tokens, and what belongs to them. */
  readonly values: ExpiringValues
  readonly budgets: Budgets
  readonly identity: Identity | undefined
  readonly #nouns: ReadonlySet<string>
  readonly #now: () => number
  readonly #verdicts = new Map<string, Verdict | undefined>()

  /** Without an identity, no key proves anything. `now` is the server's clock. */
  constructor(options: {
    readonly credentials: Credentials
    readonly audit: AuditLog
    readonly values: ExpiringValues
    readonly identity: Identity | undefined
    readonly now: () => number
  }) {
    this.credentials = options.credentials
    this.audit = options.audit
    this.values = options.values
    this.budgets = new Budgets(options)
    this.identity = options.identity
    this.#nouns = new Set(options.identity?.nouns)
    this.#now = options.now
  }

  /** Returns what the key with this id proves now; undefined if it proves nothing. */
  verdictOf(key: string): Verdict | undefined {
    let verdict = this.#verdicts.get(key)
    if (verdict === undefined && !this.#verdicts.has(key)) {
      if (this.#verdicts.size >= verdictsMax) this.#verdicts.clear()
      verdict = key.startsWith(sessionPrefix) ? this.#verdictOfSession(key) : this.identity?.verdictOf(key)
      this.#verdicts.set(key, verdict)
    }
    const isOver = verdict?.endsMs !== undefined && verdict.endsMs <= this.#now()
    return isOver ? undefined : verdict
  }

  /**
   * Opens a session, in place of one with the same id. Returns false if it would prove nothing: what it stands for may do
   * nothing here, its time is over or too long, or it was ended.
   */
  openSession(session: Session): boolean {
    const nowMs = this.#now()
    const isValid = session.id.startsWith(sessionPrefix) && session.endsMs > nowMs
    if (!isValid || session.endsMs > nowMs + sessionMsMax) return false
    if (this.identity?.authorityOf(session.entity) === undefined) return false
    const isOpen = this.credentials.openSession(session, nowMs)
    this.#verdicts.delete(session.id)
    return isOpen
  }

  /** Ends a session for good. */
  endSession(id: string): void {
    this.credentials.endSession(id, this.#now() + sessionMsMax)
    this.#verdicts.delete(id)
  }

  #verdictOfSession(id: string): Verdict | undefined {
    const session = this.credentials.sessionOf(id)
    const authority = session && this.identity?.authorityOf(session.entity)
    if (session === undefined || authority === undefined) return undefined
    return { authority: { ...authority, through: { kind: 'session', id } }, endsMs: session.endsMs }
  }

  /** Returns what the key proves now. Throws an ObjectError `unauthorized`. */
  authorityOf(key: string): Authority {
    return this.#require(key).authority
  }

  #require(key: string): Verdict {
    const verdict = this.verdictOf(key)
    if (verdict === undefined) throw unauthorized()
    return verdict
  }

  /** Admits a change by this key. Throws an ObjectError `unauthorized` or `budget_exceeded`. `nowMs` is the tenant's time. */
  admit(key: string, nowMs: number): void {
    const { budget } = this.#require(key)
    if (budget !== undefined) this.budgets.require(budget, nowMs)
  }

  /** Throws an ObjectError `payload_too_large` if the key may not make so many changes in one call. */
  requireRoom(key: string, { changes }: { readonly changes: number }): void {
    const most = this.verdictOf(key)?.budget?.changesPerCall ?? Number.POSITIVE_INFINITY
    if (changes <= most) return
    const message = `this key may change at most ${most} entities in a call: nothing was changed; divide it into several`
    throw new ObjectError({ code: 'payload_too_large', message })
  }

  /** Returns the principal whose writes with this key count; undefined if they do not. */
  countedBy(key: string): string | undefined {
    return this.verdictOf(key)?.budget?.of
  }

  /** Returns what the caller of an authority may do now. Throws an ObjectError `unauthorized` if its key proves nothing. */
  current(authority: Authority): Authority {
    const { through } = authority
    return through === undefined ? authority : this.authorityOf(through.id)
  }

  /** Whether a change of this Noun's entities may change what keys prove. */
  concerns(noun: string): boolean {
    return this.#nouns.has(noun)
  }

  /** Call it after such a change, and after a rollback. */
  forget(): void {
    this.#verdicts.clear()
  }
}

/** Every reason has the same sentence, so that a caller learns nothing about keys and tenants. */
export function unauthorized(): ObjectError {
  return new ObjectError({
    code: 'unauthorized',
    message: 'the key is not valid here: it does not exist, was revoked or has expired',
  })
}
