// Outlets: the forms in which an event leaves the server. Each makes a request of an event; sending, order and retries are the
// same for all of them.

import { isPublicHost, type OutsideRequest } from '@dotdo/service'
import { assert, type ObjectEvent } from 'digital-objects'
import { putSigned } from './s3-put.ts'
import { signedHeaders } from './sign.ts'

export interface Outgoing {
  readonly url: string
  readonly tenant: string
  /** The event as the owner of the webhook may see it. */
  readonly event: ObjectEvent
  /** The newest first. */
  readonly secrets: readonly string[]
  readonly nowMs: number
}

type Outlet = (outgoing: Outgoing) => OutsideRequest | Promise<OutsideRequest>

export const outlets: Readonly<Record<string, Outlet>> = {
  Standard: async (outgoing) => {
    const { url, event, secrets, nowMs } = outgoing
    assert(secrets.length > 0, 'a Standard webhook has a secret')
    const body = JSON.stringify(bodyOf(outgoing))
    const headers = await signedHeaders({ id: event.id, body, secrets, nowMs })
    return { method: 'POST', url, body, headers: { ...headers, 'x-headlessly-event': event.type } }
  },
  Slack: (outgoing) => {
    const { url, event } = outgoing
    const text = `*${event.type}* ${escaped(nameOf(event))} (\`${event.target}\`) by ${escaped(event.actor)}`
    return { method: 'POST', url, body: JSON.stringify({ text }), headers: { 'content-type': 'application/json' } }
  },
  // The REST proxy of Kafka, version 2. The key keeps the events of an entity in one partition.
  Kafka: (outgoing) => {
    const { url, event } = outgoing
    const body = JSON.stringify({ records: [{ key: event.target, value: bodyOf(outgoing) }] })
    const headers = { 'content-type': 'application/vnd.kafka.json.v2+json', accept: 'application/vnd.kafka.v2+json' }
    return { method: 'POST', url, body, headers }
  },
  // An object of one line for each event, in folders by day. A repetition puts the same object again.
  S3: ({ url, tenant, event, secrets, ...outgoing }) => {
    const { seq, id, timestamp } = event
    const name = `${timestamp.slice(0, 10).replaceAll('-', '/')}/${String(seq).padStart(12, '0')}-${id}.ndjson`
    const body = `${JSON.stringify(bodyOf({ url, tenant, event, secrets, ...outgoing }))}\n`
    return putSigned({ folder: url, name, body, secret: secrets[0] ?? '', nowMs: outgoing.nowMs })
  },
}

/** Returns why nothing may be sent to a URL. The connection itself refuses private addresses that are not allowed. */
export function addressFault({ protocol, hostname, username, password }: URL): string | undefined {
  if (username + password !== '') return 'expects a URL without a user and a password, which are not sent'
  if (protocol === 'https:') return undefined
  return protocol === 'http:' && !isPublicHost(hostname) ? undefined : 'expects an https URL'
}

function bodyOf({ event, tenant }: Outgoing): object {
  const { id, type, target, actor, timestamp, version, seq, commit, data, changes } = event
  const previous = Object.entries(changes ?? {}).map(([field, { from }]) => [field, from ?? null])
  return {
    id,
    type,
    event: type,
    target,
    actor,
    timestamp,
    tenant,
    version,
    seq,
    commit,
    data,
    ...(previous.length === 0 || type.endsWith('.Created') ? {} : { previous: Object.fromEntries(previous) }),
  }
}

function nameOf({ data }: ObjectEvent): string {
  const name = ['name', 'title', 'subject'].map((field) => data[field]).find((value) => typeof value === 'string')
  return typeof name === 'string' ? name.slice(0, 200) : ''
}

/** Slack's own three characters. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
