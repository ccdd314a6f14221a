// Sends to Stripe what was decided here, from the outbox. A request is recorded before it leaves, with its key, and forgotten when its
// answer is written: so an attempt after a crash sends exactly the same, which Stripe performs once.

import type { AfterHandler, ObjectParts } from '@dotdo/service'
import { isPlainObject, ObjectError, type ObjectEvent, tryParseJson } from 'digital-objects'
import { connectedSettings, type StripeConnection } from './connection.ts'
import { entityKey, type Mirror } from './mirror.ts'
import { stripeActor } from './mirror-write.ts'
import { requireRow, rowOfNoun } from './object-table.ts'
import { pageMax } from './pages.ts'
import {
  createOf,
  mayBeSent,
  type Outgoing,
  requestOf,
  requireSimpleRow,
  type Sendable,
  type SentEvent,
  WaitsFor,
} from './requests.ts'
import { type StripeObject, StripeRefused } from './stripe-api.ts'
import { listAt, textAt } from './stripe-value.ts'

const prefix = 'stripe/sent/'
/** Stripe keeps the answer to a key for a day at least. */
const keyMs = 23 * 3_600_000
/** Fourteen hours of attempts, within the life of a key. */
const retry = { firstMs: 1_000, factor: 4, maxMs: 3_600_000, attemptsMax: 18 } as const
/** A customer for a subscription, a product for a price. */
const ensuredMax = 4

export function outboundHandler(connection: StripeConnection, now: () => number): AfterHandler {
  return {
    id: 'payments.do/stripe',
    handles: ({ type }) =>
      (mayBeSent(type) || type === 'PaymentFinding.Resolved') && connectedSettings(connection.parts) !== undefined,
    isExternal: (event) => isOurs(event) && mayBeSent(event.type) && isToSend(connection.parts, event),
    retry,
    run: async (event) => {
      if (!isOurs(event) || !connection.isConnected) return
      if (event.type === 'PaymentFinding.Resolved') return resolveConflict(connection, event)
      await connection.run((mirror) => send(connection, mirror, { event, now }))
    },
    gaveUp: (event, reason) => recordRefusal(connection, event, `Stripe could not be asked: ${reason}`),
  }
}

/** What Stripe has decided is not sent back, nor is a loaded past. */
function isOurs({ actor, via, undoes }: ObjectEvent): boolean {
  return actor !== stripeActor && via !== 'history' && undoes === undefined
}

function isToSend(parts: ObjectParts, event: ObjectEvent): boolean {
  try {
    return requestOf(sendable(parts, event)) !== undefined
  } catch (error) {
    if (error instanceof WaitsFor) return true
    throw error
  }
}

function sendable(parts: ObjectParts, event: SentEvent): Sendable {
  const objectOf = (id: string): string | undefined => {
    const noun = nounOf(parts, id)
    const row = noun === undefined ? undefined : rowOfNoun(noun)
    const stripeId = row === undefined ? undefined : parts.read(id)?.[row.id]
    return typeof stripeId === 'string' ? stripeId : undefined
  }
  return { event, entity: parts.read(event.target) ?? {}, objectOf, read: parts.read }
}

function nounOf(parts: ObjectParts, id: string): string | undefined {
  return parts.nouns().find(({ idPrefix }) => id.startsWith(`${idPrefix}_`))?.name
}

interface ToSend {
  readonly event: ObjectEvent
  readonly now: () => number
}

async function send(connection: StripeConnection, mirror: Mirror, { event, now }: ToSend): Promise<void> {
  const { parts } = mirror
  // It was deleted: nothing is created for it, and nothing of it is changed.
  if (parts.read(event.target) === undefined) return
  let outgoing: Outgoing | undefined
  for (let ensured = 0; ; ensured++) {
    try {
      outgoing = requestOf(sendable(parts, event))
      break
    } catch (error) {
      if (!(error instanceof WaitsFor) || ensured >= ensuredMax) throw error
      await ensureSent(connection, mirror, { id: error.entity, now, levels: ensuredMax })
    }
  }
  if (outgoing === undefined) return
  try {
    await perform(connection, mirror, { outgoing, target: event.target, now })
    await noteRefusal(parts, event.target, undefined)
  } catch (error) {
    if (!(error instanceof StripeRefused) || !error.isPermanent) throw error
    await refused(connection, mirror, { event, message: error.message })
    // Only now: an attempt that found no record would ask again, and a key that is a day old holds nothing back.
    forget(parts, outgoing.key)
  }
}

interface ToEnsure {
  readonly id: string
  readonly now: () => number
  readonly levels: number
}

/** Creates the object of an entity from before the connection. */
async function ensureSent(connection: StripeConnection, mirror: Mirror, { id, now, levels }: ToEnsure): Promise<void> {
  const { parts } = mirror
  const row = requireSimpleRow(id, (entity) => nounOf(parts, entity))
  if (row === undefined || levels === 0) throw new WaitsFor(id)
  const of = sendable(parts, { id, type: `${row.noun}.Created`, target: id, data: parts.read(id) ?? {} })
  let outgoing: Outgoing | undefined
  try {
    outgoing = createOf(row, of)
  } catch (error) {
    if (!(error instanceof WaitsFor)) throw error
    await ensureSent(connection, mirror, { id: error.entity, now, levels: levels - 1 })
    outgoing = createOf(row, sendable(parts, of.event))
  }
  if (outgoing === undefined) throw new WaitsFor(id)
  await perform(connection, mirror, { outgoing, target: id, now })
}

interface ToPerform {
  readonly outgoing: Outgoing
  readonly target: string
  readonly now: () => number
}

/** Decide, record, ask, write: after a crash in between, the same is asked again. */
async function perform(
  connection: StripeConnection,
  mirror: Mirror,
  { outgoing, target, now }: ToPerform,
): Promise<void> {
  const { parts } = mirror
  const recorded = recall(parts, outgoing.key)
  if (recorded !== undefined && now() - recorded.atMs > keyMs) {
    const made = await refundMadeFor(mirror, recorded.outgoing, target)
    if (made !== undefined) {
      await mirror.refresh('refund', made)
      return forget(parts, outgoing.key)
    }
    throw new StripeRefused('it was sent a day ago, and whether Stripe has done it is unknown: compare both sides', {
      status: 422,
    })
  }
  const asked = recorded ?? { outgoing, atMs: now() }
  if (recorded === undefined) remember(parts, asked)
  const { object, method, path, parameters, key, fields } = asked.outgoing
  const answer = method === 'DELETE' ? await mirror.api.remove(path, key) : await mirror.api.post(path, parameters, key)
  if (fields !== undefined) agreeOn(connection, { mirror, target, answer, fields, object })
  // An answer that is repeated may be older than what is here.
  await mirror.refresh(object, textAt(answer, 'id') ?? '')
  forget(parts, key)
}

/** A refund that Stripe has made must not fail here, since its amount could then be paid back twice. */
async function refundMadeFor(
  { api }: Mirror,
  { object, parameters }: Outgoing,
  target: string,
): Promise<string | undefined> {
  if (object !== 'refund') return undefined
  const page = await api.get('/v1/refunds', { payment_intent: parameters['payment_intent'], limit: pageMax })
  const made = listAt(page, 'data').find((refund) => textAt(refund, `metadata.${entityKey}`) === target)
  return made && textAt(made, 'id')
}

interface ToAgree {
  readonly mirror: Mirror
  readonly target: string
  readonly answer: StripeObject
  readonly fields: readonly string[]
  readonly object: Outgoing['object']
}

/** Both sides now agree on what was sent, also if it was changed here meanwhile. */
function agreeOn({ agreements }: StripeConnection, { mirror, target, answer, fields, object }: ToAgree): void {
  const theirs = mirror.valuesOf(requireRow(object), answer)
  const sent = Object.fromEntries(fields.map((field) => [field, theirs[field] ?? null]))
  agreements.put(target, { ...agreements.of(target), ...sent })
}

interface Recorded {
  readonly outgoing: Outgoing
  readonly atMs: number
}

function recall(parts: ObjectParts, key: string): Recorded | undefined {
  const stored = tryParseJson(parts.values()?.get(prefix + key)?.value ?? '')
  return isPlainObject(stored) ? (stored as unknown as Recorded) : undefined // `remember` wrote it
}

function remember(parts: ObjectParts, recorded: Recorded): void {
  parts.values()?.put({ key: prefix + recorded.outgoing.key, value: JSON.stringify(recorded) })
}

function forget(parts: ObjectParts, key: string): void {
  parts.values()?.delete(prefix + key)
}

/** Stripe will not do it, so the entity is again what Stripe says, and has its message. */
async function refused(
  connection: StripeConnection,
  mirror: Mirror,
  { event, message }: { readonly event: ObjectEvent; readonly message: string },
): Promise<void> {
  const { parts } = mirror
  const { target, type } = event
  if (type === 'Refund.Created' && parts.read(target)?.['status'] !== 'Failed')
    await mirror.write({ noun: 'Refund', verb: 'fail', target, input: { failureReason: message } })
  if (type === 'Subscription.Created')
    await mirror.write({ noun: 'Subscription', verb: 'cancel', target, input: { cancelReason: message } })
  const row = rowOfNoun(type.slice(0, type.indexOf('.')))
  const stripeId = row === undefined ? undefined : parts.read(target)?.[row.id]
  if (row !== undefined && typeof stripeId === 'string') await mirror.refresh(row.object, stripeId)
  await noteRefusal(parts, target, message)
  await recordRefusal(connection, event, message)
}

async function recordRefusal({ findings }: StripeConnection, event: ObjectEvent, message: string): Promise<void> {
  if (!isOurs(event) || event.type === 'PaymentFinding.Resolved') return
  await findings.record({
    kind: 'Refused',
    object: rowOfNoun(event.type.slice(0, event.type.indexOf('.')))?.object ?? '',
    externalId: event.id,
    entity: event.target,
    message: `${event.type}: ${message}`,
    remedy: 'correct what Stripe names, and call the verb again',
  })
}

/** The entity says in `metadata.stripe.refused` why the last request was refused. */
async function noteRefusal(parts: ObjectParts, target: string, message: string | undefined): Promise<void> {
  const metadata = parts.read(target)?.['metadata']
  const noted = isPlainObject(metadata) && isPlainObject(metadata['stripe']) ? metadata['stripe']['refused'] : undefined
  if (noted === message || (noted === null && message === undefined)) return
  const body = JSON.stringify({ metadata: { stripe: { refused: message ?? null } } })
  const call = { kind: 'write', noun: nounOf(parts, target) ?? '', verb: 'update', id: target, body } as const
  const answer = await parts.answer(call, { who: stripeActor, via: 'system' })
  if (!answer.ok) throw new ObjectError(answer.error)
}

/** A person has decided which value both sides get. */
async function resolveConflict(connection: StripeConnection, { id, data }: ObjectEvent): Promise<void> {
  const { kind, resolution, object, externalId, entity, field } = data
  const row = rowOfNoun(nounOf(connection.parts, String(entity)) ?? '')
  if (kind !== 'Conflict' || row === undefined || row.object !== object || typeof field !== 'string') return
  if (resolution !== 'Ours' && resolution !== 'Theirs') return
  await connection.run(async (mirror) => {
    const target = String(entity)
    const fields = mirror.parts.read(target)
    if (fields === undefined) return
    const { agreements } = connection
    // Agreeing on our value lets theirs count, and agreeing on theirs lets ours be sent.
    if (resolution === 'Theirs') agreements.put(target, { ...agreements.of(target), [field]: fields[field] ?? null })
    else {
      const event = { id, type: `${row.noun}.Updated`, target, data: fields, changes: { [field]: {} } }
      const outgoing = requestOf(sendable(mirror.parts, event))
      if (outgoing !== undefined) await perform(connection, mirror, { outgoing, target, now: Date.now })
    }
    await mirror.refresh(row.object, String(externalId))
  })
}
