// Takes a delivery of another system: verifies it by the bytes that came, and records it as an Event, once. Its texts are those of
// strangers.

import type { ObjectParts } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError, parseJson } from 'digital-objects'
import { isIncomingSecret } from './incoming-secret.ts'
import { schemes, type Scheme, type SchemeName, tokenScheme } from './schemes.ts'
import { type Proved, type Received, verifySigned } from './verify-signed.ts'

/** Deliveries that the sender names, but without a signed timestamp, are known again for this long. */
const namedMs = 30 * 86_400_000
/** An equal delivery of a sender without names counts as sent again for this long, and as another one after it. */
const equalMs = 3_600_000
/** Of each webhook. Beyond that, only the key of the write knows a repetition. */
const seenMax = 10_000
const typeMax = 100

export interface Receiving {
  readonly parts: ObjectParts
  /** The server's clock. */
  readonly now: () => number
}

export interface ReceivedEvent {
  readonly event: string | null
  readonly isDuplicate: boolean
  /** What Slack asks for to know that the address is right. */
  readonly challenge?: string
}

/** Throws an ObjectError `unauthorized` for everything that is not proved, whatever is wrong with it. */
export async function receive(
  { parts, now }: Receiving,
  { id, ...sent }: { readonly id: string } & Omit<Received, 'nowMs'>,
): Promise<ReceivedEvent> {
  const webhook = /^incomingwebhook_\w{1,64}$/.test(id) ? parts.read(id) : undefined
  const { scheme, secretName, status, name } = webhook ?? {}
  const secret = status === 'Active' && isIncomingSecret(secretName) ? await parts.secret(secretName) : undefined
  const received = { ...sent, nowMs: now() }
  const proved = secret === undefined ? undefined : await verifySigned(scheme as SchemeName, secret, received)
  if (proved === undefined) throw unauthorized()
  const data = parsePayload(received)
  if (scheme === 'Slack' && isPlainObject(data) && data['type'] === 'url_verification')
    return { event: null, isDuplicate: false, challenge: String(data['challenge']).slice(0, 1_000) }
  const seen = proved.delivery === undefined || proved.isTimed ? undefined : `incoming-seen:${id}:${proved.delivery}`
  if (seen !== undefined && parts.values()?.get(seen) !== undefined) return { event: null, isDuplicate: true }
  const period = proved.isTimed || proved.isNamed ? '' : ` ${Math.floor(now() / equalMs)}`
  const made = await record(parts, {
    id,
    period,
    name: String(name),
    scheme: scheme as SchemeName,
    proved,
    data,
    received,
  })
  // A crash before this line leaves the key of the write, which lasts a week.
  if (seen !== undefined) {
    const endsMs = now() + (proved.isNamed ? namedMs : equalMs)
    remember(parts, { prefix: `incoming-seen:${id}:`, key: seen, endsMs })
  }
  return made
}

interface Recorded {
  readonly id: string
  /** Distinguishes the keys of equal deliveries that are no repetitions. */
  readonly period: string
  readonly name: string
  readonly scheme: SchemeName
  readonly proved: Proved
  readonly data: JsonValue
  readonly received: Received
}

async function record(
  parts: ObjectParts,
  { id, period, name, scheme, proved, data, received }: Recorded,
): Promise<ReceivedEvent> {
  const kind = typeOf(scheme, { data, headers: received.headers })
  const body = JSON.stringify({
    type: kind === undefined ? name : `${name}.${kind}`,
    source: scheme === 'GitHub' || scheme === 'Stripe' ? scheme : 'API',
    data,
  })
  const delivery = namedIn(data, scheme) ?? proved.delivery
  const once = delivery === undefined ? {} : { idempotencyKey: `incoming-${id}-${await shortOf(delivery + period)}` }
  const answer = await parts.answer(
    { kind: 'write', noun: 'Event', verb: 'create', body, ...once },
    { who: id, via: 'system', origin: 'webhook' },
  )
  if (!answer.ok) {
    // Another body under the id of a delivery that has been taken is a repetition of it.
    if (answer.error.code === 'idempotency_mismatch') return { event: null, isDuplicate: true }
    throw new ObjectError(answer.error)
  }
  const made = JSON.parse(answer.body) as { readonly $id: string } // made by the tenant's object
  return { event: made.$id, isDuplicate: false }
}

/** The sender's own name of what has happened. It is signed, as all of the body is. */
function namedIn(data: JsonValue, scheme: SchemeName): string | undefined {
  const known: Readonly<Record<string, Scheme>> = schemes
  const once = known[scheme]?.once
  const named = once !== undefined && isPlainObject(data) ? data[once] : undefined
  return typeof named === 'string' && named !== '' ? named : undefined
}

/** A sender may choose long ids, and keys have a limit. */
async function shortOf(delivery: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(delivery)))
  return [...bytes.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function remember(
  parts: ObjectParts,
  { prefix, key, endsMs }: { readonly prefix: string; readonly key: string; readonly endsMs: number },
): void {
  const values = parts.values()
  if (values === undefined || values.count(prefix) >= seenMax) return
  values.put({ key, value: '', endsMs })
}

/** JSON, a form, or a text. */
function parsePayload({ body, headers }: Received): JsonValue {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(body))
  if (type !== undefined && !/[/+]json$/.test(type)) return { text: body }
  return parseJson(body, () => {
    const message = 'a delivery of JSON expects JSON'
    return new ObjectError({ code: 'invalid_json', field: 'body', message })
  }) as JsonValue
}

function typeOf(
  scheme: SchemeName,
  { data, headers }: { readonly data: JsonValue; readonly headers: Received['headers'] },
): string | undefined {
  const { type }: Pick<Scheme, 'type'> = scheme === 'Token' ? tokenScheme : schemes[scheme]
  if (type === undefined) return undefined
  const found = 'header' in type ? headers[type.header] : isPlainObject(data) ? data[type.field] : undefined
  return typeof found === 'string' && found !== '' ? found.slice(0, typeMax) : undefined
}

function unauthorized(): ObjectError {
  return new ObjectError({ code: 'unauthorized', message: 'this delivery is not signed as the address expects' })
}
