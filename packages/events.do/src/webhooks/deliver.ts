// Delivers events to webhooks from the outbox: at least once, in order for each entity. An event that the receiver refuses is
// tried again by itself, and holds up its entity only. A receiver that gives no answer is left alone, for longer after each
// attempt; meanwhile its events wait without being tried, so it takes no room from others.

import { type ChangingAfter, type ObjectParts, type OutsideOutcome, type SendOutside } from '@dotdo/service'
import { type EntityFields, ObjectError, type ObjectEvent, Postponed } from 'digital-objects'
import { DeliveryLog, type Trouble } from './delivery-log.ts'
import { addressFault, outlets } from './outlet.ts'
import { isBucketKey } from './s3-put.ts'
import type { StoredWebhooks } from './stored-webhooks.ts'
import { parseWebhookFilter, passesFilter } from './webhook-filter.ts'

export const handlerPrefix = 'events.do/webhook:'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** The waits before the five retries; then it is tried every six hours. */
const waitsMs = [30_000, 2 * minuteMs, 15 * minuteMs, hourMs, 6 * hourMs] as const
const lastWaitMs = 6 * hourMs
/** The time that five retries take. */
const failingAfterMs = waitsMs.reduce((sum, ms) => sum + ms, 0)
const disabledAfterMs = 3 * 24 * hourMs
/** A receiver that is tried again gets one event first, for which others wait so long. */
const probeWaitMs = 11_000
const answerMsMax = 10_000
const oldSecretMs = 24 * hourMs
/** A week of attempts for an event that its receiver alone refuses. */
const retry = { firstMs: waitsMs[0], factor: 1, maxMs: lastWaitMs, waitsMs, attemptsMax: 32 } as const

export interface DeliverParts {
  readonly parts: ObjectParts
  readonly webhooks: StoredWebhooks
  readonly send: SendOutside
  /** The server's clock. */
  readonly now: () => number
}

export class Deliveries {
  readonly log: DeliveryLog
  readonly #of: DeliverParts
  /** Webhooks whose receivers are tried again at this moment. */
  readonly #probing = new Set<string>()

  constructor(of: DeliverParts) {
    this.#of = of
    this.log = new DeliveryLog(of.parts.values)
  }

  /** The handlers, one for each webhook. */
  get handlers(): ChangingAfter {
    return {
      prefix: handlerPrefix,
      handling: (event) => this.#of.webhooks.for(event),
      find: (id) => ({ run: (event) => this.#run(id, event), retry }),
    }
  }

  async #run(id: string, event: ObjectEvent): Promise<void> {
    const { parts, now } = this.#of
    const webhook = parts.read(id)
    // A webhook that was removed owes nothing.
    if (webhook === undefined) return this.log.forget(id)
    if (webhook['status'] === 'Disabled') throw new Postponed('the webhook is disabled', now() + lastWaitMs)
    const trouble = this.log.troubleOf(id)
    const isTroubled = trouble !== undefined && trouble.silences > 0
    if (isTroubled && trouble.untilMs > now()) throw new Postponed(silent, trouble.untilMs)
    if (isTroubled && this.#probing.has(id)) throw new Postponed(silent, now() + probeWaitMs)
    if (isTroubled) this.#probing.add(id)
    try {
      await this.#deliver(id, webhook, event)
    } finally {
      this.#probing.delete(id)
    }
  }

  async #deliver(id: string, webhook: EntityFields, event: ObjectEvent): Promise<void> {
    const { parts, send, now } = this.#of
    const shown = await this.#shownTo(id, webhook, event)
    if (shown === undefined || !this.#passes(webhook, shown)) return
    const secrets = await this.#secretsOf(webhook)
    const { url, kind = 'Standard' } = webhook
    const startedMs = now()
    const outlet = outlets[String(kind)]
    const attempt = { event: event.id, type: event.type, startedMs }
    const isUnsigned = kind === 'S3' ? !isBucketKey(secrets[0] ?? '') : kind === 'Standard' && secrets.length === 0
    if (outlet === undefined || isUnsigned) {
      this.log.record(id, { ...attempt, endedMs: now(), isDelivered: false, error: noSecret })
      throw new Postponed(noSecret, now() + lastWaitMs)
    }
    const made = await outlet({ url: String(url), tenant: parts.tenant(), event: shown, secrets, nowMs: startedMs })
    const outcome = await send(made, { fault: addressFault, redirectsMax: 0, msMax: answerMsMax, bodyBytesMax: 1_000 })
    // It was removed while the receiver took its time.
    if (parts.read(id) === undefined) return this.log.forget(id)
    const failure = failureOf(outcome)
    this.log.record(id, {
      ...attempt,
      endedMs: now(),
      isDelivered: failure === undefined,
      ...(outcome.kind === 'answered' ? { responseStatus: outcome.status } : {}),
      ...(failure === undefined ? {} : { error: failure }),
    })
    if (failure === undefined) return this.#succeeded(id, webhook)
    if (outcome.kind === 'answered' && outcome.status === 410)
      await this.#call(id, 'disable', 'the receiver is gone: it answered 410')
    await this.#failed(id, { failure, isSilent: outcome.kind !== 'answered' })
  }

  /** Returns the event as the owner of the webhook may see it now; undefined if that is nothing. */
  async #shownTo(id: string, { owner }: EntityFields, event: ObjectEvent): Promise<ObjectEvent | undefined> {
    const read = { kind: 'read', read: 'event', id: event.id, parameters: {} } as const
    const answer = await this.#of.parts.answerAs(read, typeof owner === 'string' ? owner : '')
    if (answer.ok) return JSON.parse(answer.body) as ObjectEvent // the event's own JSON
    if (answer.error.code === 'not_found') return undefined
    if (answer.error.code !== 'unauthorized') throw new ObjectError(answer.error)
    await this.#call(id, 'disable', 'its owner has no rights any more: somebody else has to set it up')
    throw new Postponed('its owner has no rights any more', this.#of.now() + lastWaitMs)
  }

  #passes({ filter }: EntityFields, event: ObjectEvent): boolean {
    if (filter === undefined) return true
    const schema = this.#of.parts.lookup(event.type.slice(0, event.type.indexOf('.')))
    if (schema === undefined) return false
    return passesFilter(parseWebhookFilter(filter, schema, this.#of.parts.lookup), event.data, schema)
  }

  async #secretsOf({ secretName, oldSecretName, rotatedAt }: EntityFields): Promise<readonly string[]> {
    const isOldValid = typeof rotatedAt === 'string' && this.#of.now() - Date.parse(rotatedAt) < oldSecretMs
    const names = [secretName, ...(isOldValid ? [oldSecretName] : [])]
    const found = await Promise.all(
      names.map((name) => (typeof name === 'string' ? this.#of.parts.secret(name) : Promise.resolve(undefined))),
    )
    return found.filter((secret) => secret !== undefined)
  }

  async #succeeded(id: string, { status }: EntityFields): Promise<void> {
    const trouble = this.log.troubleOf(id)
    if (trouble === undefined && status !== 'Failing') return
    this.log.setTrouble(id, undefined)
    if (status === 'Failing') await this.#call(id, 'recover')
    // Events that wait for an answer of the receiver need not wait any longer.
    if (status === 'Failing' || (trouble?.silences ?? 0) > 0) this.#of.parts.hasten(handlerPrefix + id)
  }

  async #failed(
    id: string,
    { failure, isSilent }: { readonly failure: string; readonly isSilent: boolean },
  ): Promise<never> {
    const nowMs = this.#of.now()
    const before = this.log.troubleOf(id) ?? { sinceMs: nowMs, silences: 0, untilMs: 0 }
    // The first of several attempts at once counts.
    const counts = isSilent && before.untilMs <= nowMs
    const wait = waitsMs[before.silences] ?? lastWaitMs
    const trouble: Trouble = counts
      ? { ...before, silences: before.silences + 1, untilMs: nowMs + wait }
      : { ...before, silences: isSilent ? before.silences : 0 }
    this.log.setTrouble(id, trouble)
    const status = this.#of.parts.read(id)?.['status']
    const failingMs = nowMs - before.sinceMs
    if (failingMs >= disabledAfterMs && status !== 'Disabled')
      await this.#call(id, 'disable', `nothing could be delivered for three days: ${failure}`)
    else if (failingMs >= failingAfterMs && status === 'Active') await this.#call(id, 'fail', failure)
    if (isSilent) throw new Postponed(failure, trouble.untilMs)
    throw new Error(failure)
  }

  /** A call of a verb that another attempt has made already is refused, which is right. */
  async #call(id: string, verb: string, reason?: string): Promise<void> {
    const body = reason === undefined ? '{}' : JSON.stringify({ reason: reason.slice(0, 500) })
    await this.#of.parts.answer({ kind: 'write', noun: 'Webhook', verb, id, body }, { who: 'system', via: 'system' })
  }
}

const noSecret = 'the webhook has no secret: rotate it'
const silent = 'the receiver gave no answer, and is tried again later'

function failureOf(outcome: OutsideOutcome): string | undefined {
  if (outcome.kind !== 'answered') return outcome.reason
  const { status } = outcome
  if (status >= 200 && status < 300) return undefined
  return status >= 300 && status < 400 ? `it answered ${status}: redirects are not followed` : `it answered ${status}`
}
