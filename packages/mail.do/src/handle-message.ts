// Sends a message that an event says was sent. A mail is sent at least once: its Message-ID is made from the event, so that
// receivers know a repetition. What the mail server refuses for good makes the message `Failed`.

import type { ObjectParts } from '@dotdo/service'
import {
  assert,
  type Entity,
  isMailAddress,
  type MailAddress,
  type ObjectEvent,
  parseMailAddress,
  parseMailTarget,
} from 'digital-objects'
import type { Mail } from './compose-mail.ts'
import { MailRefused } from './mail-refused.ts'
import type { MailFetch } from './send-by-api.ts'
import { sendMail } from './send-mail.ts'

export const passwordSecret = 'mail-password'
/** Less than what the outbox gives a handler. */
const sessionMsMax = 25_000

/** A message that names another time than its event was sent by other means, and one of the past by another system. */
export function hasToBeSent({ data, timestamp, undoes, via }: ObjectEvent): boolean {
  const { channel, direction, status, sentAt } = data
  const isOurs = channel === 'Email' && direction !== 'Inbound' && status === 'Sent'
  return isOurs && sentAt === timestamp && undoes === undefined && via !== 'history'
}

export async function handleMessage(parts: ObjectParts, event: ObjectEvent, fetch: MailFetch): Promise<void> {
  const message = hasToBeSent(event) ? parts.read(event.target) : undefined
  // It was deleted, or an attempt before a crash has failed for good.
  if (message === undefined || message['status'] === 'Failed') return
  const to = addressOf(parts, event.data)
  if (to === undefined) return markFailed(parts, event, 'its recipient has no email address that mail can be sent to')
  const { mail: settings } = parts.settings()
  if (settings === null) throw new Error('the setting mail is not set')
  const [server, from] = [parseMailTarget(settings.server), parseMailAddress(settings.from)]
  assert(server !== undefined && from !== undefined, 'a stored setting was checked')
  try {
    const needsPassword = 'url' in server || server.user !== undefined
    const password = needsPassword ? await parts.secret(passwordSecret) : undefined
    const { connect } = parts
    await sendMail(mailOf(event, { from, to }), { server, password, connect, fetch, msMax: sessionMsMax })
  } catch (error) {
    if (!(error instanceof MailRefused) || !error.isPermanent) throw error
    await markFailed(parts, event, error.message)
  }
}

function mailOf({ id, data, timestamp }: ObjectEvent, { from, to }: Pick<Mail, 'from' | 'to'>): Mail {
  const { subject, body } = data
  return {
    from,
    to,
    id,
    subject: typeof subject === 'string' && subject !== '' ? subject : '(no subject)',
    text: typeof body === 'string' ? body : '',
    sentAtMs: Date.parse(timestamp),
  }
}

/** The recipient's address, else that of the contact, of whoever opened the ticket. */
function addressOf(parts: ObjectParts, message: Entity): MailAddress | undefined {
  const ticket = typeof message['ticket'] === 'string' ? parts.read(message['ticket']) : undefined
  for (const id of [message['recipient'], message['contact'], ticket?.['requester']]) {
    if (typeof id !== 'string') continue
    const { email, name } = parts.read(id) ?? {}
    if (typeof email !== 'string' || !isMailAddress(email)) return undefined
    return { address: email, name: typeof name === 'string' ? name : '' }
  }
  return undefined
}

/** Records in the message why it failed. A repetition changes nothing. */
export async function markFailed(parts: ObjectParts, event: ObjectEvent, reason: string): Promise<void> {
  if (!hasToBeSent(event) || parts.read(event.target)?.['status'] !== 'Sent') return
  const body = JSON.stringify({ status: 'Failed', metadata: { mail: { failure: reason } } })
  const call = { kind: 'write', noun: 'Message', verb: 'update', id: event.target, body } as const
  const answer = await parts.answer(call, { who: 'system', via: 'system', causedBy: event.id })
  if (!answer.ok) throw new Error(`the failure '${reason}' could not be recorded: ${answer.error.message}`)
}
