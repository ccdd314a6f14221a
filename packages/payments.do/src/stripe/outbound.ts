// Sends to Stripe what was decided here, from the outbox. A request is recorded before it leaves, with its key, and forgotten when its
// answer is written: so an attempt after a crash sends exactly the same, which Stripe performs once.

import type { AfterHandler, ObjectParts } from '@dotdo/service'
import { isPlainObject, type ObjectEvent, tryParseJson } from 'digital-objects'
import { connectedSettings, type StripeConnection } from './connection.ts'
import type { Matter } from '../records/findings.ts'
import type { Hints } from './hints.ts'
import { entityKey, type Mirror } from './mirror.ts'
import { type MirrorWrite, stripeActor, writeMirrored } from './mirror-write.ts'
import { requireRow, rowOfNoun } from './object-table.ts'
import { pageMax } from './pages.ts'
import { noteRefusal } from './refusal.ts'
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
const unknownOutcome = 'whether Stripe has done it is unknown'
/** Stripe keeps the answer to a key for a day at least. */
const keyMs = 23 * 3_600_000
/** Fourteen hours of attempts, within the life of a key. */
const retry = { firstMs: 1_000, factor: 4, maxMs: 3_600_000, attemptsMax: 18 } as const
/** A customer for a subscription, a product for a price. */
const ensuredMax = 4

export interface OutboundParts {
  readonly connection: StripeConnection
  /** An object whose request was refused is fetched again, so that the entity is what Stripe says. */
  readonly hints: Pick<Hints, 'put'>
  readonly now: () => number
}

export function outboundHandler({ connection, hints, now }: OutboundParts): AfterHandler {
  return {
    id: 'payments.do/stripe',
    handles: ({ type, actor }) =>
      actor !== stripeActor &&
      (mayBeSent(type) || type === 'PaymentFinding.Resolved') &&
      connectedSettings(connection.parts) !== undefined,
    isExternal: (event) => isOurs(event) && mayBeSent(event.type) && isToSend(connection.parts, event),
    retry,
    run: async (event) => {
      if (!isOurs(event) || !connection.isConnected) return
      if (event.type === 'PaymentFinding.Resolved') return resolveConflict(connection, event, now)
      await connection.run((mirror) => send(connection, mirror, { event, hints, now }))
    },
    gaveUp: (event, reason) => gaveUp(connection, hints, { event, message: reason, nowMs: now() }),
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
  readonly hints: OutboundParts['hints']
  readonly now: () => number
}

async function send(connection: StripeConnection, mirror: Mirror, { event, hints, now }: ToSend): Promise<void> {
  const { parts } = mirror
  // It was deleted: nothing is created for it, and nothing of it is changed.
  if (parts.read(event.target) === undefined) return
  try {
    const outgoing = await prepare(connection, mirror, { event, now })
    if (outgoing === undefined) return
    await perform(connection, mirror, { outgoing, target: event.target, now })
  } catch (error) {
    if (!(error instanceof StripeRefused) || !error.isPermanent) throw error
    await refused(connection, hints, { event, message: error.message, nowMs: now() })
    // Only now: an attempt that found no record would ask again, and a key that is a day old holds nothing back.
    for (const key of keysOf(event)) forget(parts, key)
    return
  }
  await noteRefusal(parts, event.target, undefined)
  await connection.findings.settle(refusalOf(event))
}

/** Makes the request. What it has to name is created at Stripe first. */
async function prepare(
  connection: StripeConnection,
  mirror: Mirror,
  { event, now }: Pick<ToSend, 'event' | 'now'>,
): Promise<Outgoing | undefined> {
  for (let ensured = 0; ; ensured++) {
    try {
      return requestOf(sendable(mirror.parts, event))
    } catch (error) {
      if (!(error instanceof WaitsFor) || ensured >= ensuredMax) throw error
      await ensureSent(connection, mirror, { id: error.entity, now, levels: ensuredMax })
    }
  }
}

interface ToEnsure {
  readonly id: string
  readonly now: () => number
  readonly levels: number
}

/** Creates the object of an entity from before the connection. Throws a StripeRefused, which the entity says too. */
async function ensureSent(connection: StripeConnection, mirror: Mirror, { id, now, levels }: ToEnsure): Promise<void> {
  const { parts } = mirror
  const row = requireSimpleRow(id, (entity) => nounOf(parts, entity))
  if (row === undefined || levels === 0) throw unsendable(id)
  const of = sendable(parts, { id, type: `${row.noun}.Created`, target: id, data: parts.read(id) ?? {} })
  let outgoing: Outgoing | undefined
  try {
    outgoing = createOf(row, of)
  } catch (error) {
    if (!(error instanceof WaitsFor)) throw error
    await ensureSent(connection, mirror, { id: error.entity, now, levels: levels - 1 })
    outgoing = createOf(row, sendable(parts, of.event))
  }
  if (outgoing === undefined) throw unsendable(id)
  try {
    await perform(connection, mirror, { outgoing, target: id, now })
  } catch (error) {
    if (!(error instanceof StripeRefused) || !error.isPermanent) throw error
    await noteRefusal(parts, id, error.message)
    // The next event that needs it asks again.
    forget(parts, outgoing.key)
    throw new StripeRefused(`${id} is not at Stripe: ${error.message}`, error)
  }
  await noteRefusal(parts, id, undefined)
}

function unsendable(id: string): StripeRefused {
  return new StripeRefused(`${id}, which it needs, cannot be made at Stripe`, { status: 422 })
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
    throw new StripeRefused(`it was sent a day ago, and ${unknownOutcome}: compare both sides`, { status: 422 })
  }
  const asked = recorded ?? { outgoing, atMs: now() }
  if (recorded === undefined) remember(parts, asked)
  const { object, key, fields } = asked.outgoing
  const made = await askOnce(mirror, asked.outgoing, recorded === undefined)
  const answer = await attach(mirror, asked.outgoing, made)
  if (fields !== undefined) agreeOn(connection, { mirror, target, answer, fields, object })
  // An answer that is repeated may be older than what is here.
  await mirror.refresh(object, textAt(answer, 'id') ?? '')
  forget(parts, key)
}

/** A refusal of a first request says that nothing was done; one of a repetition says so only if Stripe has looked at the key. */
async function askOnce({ api, parts }: Mirror, outgoing: Outgoing, isFirst: boolean): Promise<StripeObject> {
  const { method, path, parameters, key } = outgoing
  try {
    return method === 'DELETE' ? await api.remove(path, key) : await api.post(path, parameters, key)
  } catch (error) {
    if (!(error instanceof StripeRefused) || !error.isBeforeWork) throw error
    if (isFirst) forget(parts, key)
    else if (error.isOfAccess) throw new Error(`${unknownOutcome}: ${error.message}`, { cause: error })
    throw error
  }
}

async function attach(mirror: Mirror, { attachTo, key }: Outgoing, made: StripeObject): Promise<StripeObject> {
  if (attachTo === undefined) return made
  const parameters = { payment_record: textAt(made, 'id') ?? '' }
  // Its key follows from that of the first request, which the record has.
  return askOnce(mirror, { object: 'invoice', method: 'POST', path: attachTo, parameters, key: `${key}-attach` }, false)
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

interface RefusedEvent {
  readonly event: ObjectEvent
  readonly message: string
  readonly nowMs: number
}

/** Stripe will not do it: the entity has its message, and is again what Stripe says. Each step may be repeated after a crash. */
async function refused(
  connection: StripeConnection,
  hints: OutboundParts['hints'],
  { event, message, nowMs }: RefusedEvent,
): Promise<void> {
  const { parts } = connection
  const { target, type } = event
  await recordRefusal(connection, event, message)
  const write = (asked: MirrorWrite): Promise<string> => writeMirrored(parts, asked)
  // From here on nothing asks again.
  if (type === 'Refund.Created' && parts.read(target)?.['status'] !== 'Failed')
    await write({ noun: 'Refund', verb: 'fail', target, input: { failureReason: message } })
  if (type === 'Subscription.Created' && parts.read(target)?.['status'] !== 'Cancelled')
    await write({ noun: 'Subscription', verb: 'cancel', target, input: { cancelReason: message } })
  const row = rowOfNoun(type.slice(0, type.indexOf('.')))
  const stripeId = row === undefined ? undefined : parts.read(target)?.[row.id]
  if (row !== undefined && typeof stripeId === 'string')
    hints.put({ object: row.object, id: stripeId, event: `refused ${event.id}`, nowMs })
}

/** Attempts have ended. Without a record of the request Stripe has done nothing; with one, only Stripe knows. */
async function gaveUp(
  connection: StripeConnection,
  hints: OutboundParts['hints'],
  { event, message, nowMs }: RefusedEvent,
): Promise<void> {
  if (!isOurs(event)) return
  const isUnknown = keysOf(event).some((key) => recall(connection.parts, key) !== undefined)
  if (isUnknown) return recordRefusal(connection, event, `${unknownOutcome}: ${message}`)
  await refused(connection, hints, { event, message: `Stripe could not be asked: ${message}`, nowMs })
}

/** Keys under which the request of an event may be recorded. */
function keysOf({ id, target }: ObjectEvent): readonly string[] {
  return [`headlessly-${id}`, `headlessly-create-${target}`]
}

function refusalOf({ id, type }: ObjectEvent): Matter {
  const { object = '' } = rowOfNoun(type.slice(0, type.indexOf('.'))) ?? {}
  return { kind: 'Refused', object, externalId: id }
}

async function recordRefusal(connection: StripeConnection, event: ObjectEvent, message: string): Promise<void> {
  const entity = event.type === 'PaymentFinding.Resolved' ? String(event.data['entity']) : event.target
  await noteRefusal(connection.parts, entity, message)
  await connection.findings.record({
    ...refusalOf(event),
    entity,
    message: `${event.type}: ${message}`,
    remedy: 'correct what Stripe names, and call the verb again',
  })
}

/** A person has decided which value both sides get. */
async function resolveConflict(connection: StripeConnection, event: ObjectEvent, now: () => number): Promise<void> {
  const { id, data } = event
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
      const update = { id, type: `${row.noun}.Updated`, target, data: fields, changes: { [field]: {} } }
      const outgoing = requestOf(sendable(mirror.parts, update))
      if (outgoing !== undefined) await decideOurs(connection, mirror, { event, target, outgoing, now })
    }
    await mirror.refresh(row.object, String(externalId))
  })
}

/** A refusal leaves the conflict as it is, so it comes up again. */
async function decideOurs(
  connection: StripeConnection,
  mirror: Mirror,
  { event, target, outgoing, now }: ToPerform & { readonly event: ObjectEvent },
): Promise<void> {
  try {
    await perform(connection, mirror, { outgoing, target, now })
    await noteRefusal(mirror.parts, target, undefined)
  } catch (error) {
    if (!(error instanceof StripeRefused) || !error.isPermanent) throw error
    await recordRefusal(connection, event, error.message)
    forget(mirror.parts, outgoing.key)
  }
}
