// `POST /~acme/mail/bounces` takes the report of a mail server as it came, and marks the message that did not arrive. The caller needs
// the right to update messages, as for any other way to say so.

import { ask, joinBytes, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError } from 'digital-objects'
import { type Bounce, parseBounce } from './parse-bounce.ts'

/** A report may return the whole mail. */
const reportBytesMax = 5 * 2 ** 20

export const bounceRoutes: readonly ServiceRoute[] = [
  {
    path: '/mail/bounces',
    method: 'POST',
    about:
      'Takes a report that a mail did not arrive (RFC 3464), as the mail server sent it, and sets its message to `Failed`.',
    takesBytes: true,
    answer: recordBounce,
  },
]

async function recordBounce(request: ServiceRequest): Promise<ServiceAnswer> {
  const bounce = await parseBounce(await readReport(request))
  const message = await messageOf(request, bounce)
  const { status, metadata } = message
  const isNew = bounce.action === 'failed' && status === 'Sent'
  if (isNew) {
    const kept = isPlainObject(metadata) ? metadata : {}
    const mail = { failure: `the mail came back${bounce.status === undefined ? '' : ` with status ${bounce.status}`}` }
    const body = JSON.stringify({ status: 'Failed', metadata: { ...kept, mail } })
    await ask(request, {
      kind: 'write',
      noun: 'Message',
      verb: 'update',
      id: String(message['$id']),
      body,
      ifVersion: Number(message['$version']),
    })
  }
  // A report that comes twice, and one of a delay, change nothing.
  const now = isNew ? 'Failed' : (status ?? null)
  return { ok: true, body: JSON.stringify({ message: message['$id'], action: bounce.action, status: now }) }
}

async function messageOf(request: ServiceRequest, { event }: Bounce): Promise<Readonly<Record<string, JsonValue>>> {
  const sent = await ask(request, { kind: 'read', read: 'event', id: event, parameters: {} })
  const id = isPlainObject(sent.body) ? sent.body['target'] : undefined
  if (typeof id !== 'string' || !id.startsWith('message_'))
    throw new ObjectError({ code: 'not_found', field: 'body', message: `the event '${event}' sent no message` })
  const { body } = await ask(request, {
    kind: 'read',
    read: 'get',
    noun: 'Message',
    id,
    parameters: { strong: 'true' },
  })
  return isPlainObject(body) ? body : {}
}

async function readReport(request: ServiceRequest): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.bytes()) {
    length += chunk.length
    if (length > reportBytesMax)
      throw new ObjectError({ code: 'payload_too_large', field: 'body', message: `at most ${reportBytesMax} bytes` })
    chunks.push(chunk)
  }
  return joinBytes(chunks)
}
