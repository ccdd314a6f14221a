// Messages that the server writes by itself: it reminds assignees of activities, and customers of invoices that are overdue.

import type { ObjectParts } from '@dotdo/service'
import { isMailAddress, type JsonValue, type ObjectEvent } from 'digital-objects'

/** Creates a message that is sent. It is made once for an event, also if this is repeated. */
export async function remind(parts: ObjectParts, event: ObjectEvent): Promise<void> {
  const { mail } = parts.settings()
  if (mail === null || event.via === 'history' || event.undoes !== undefined) return
  const message =
    event.type === 'Invoice.Overdue' ? mail.dunning && dunning(parts, event) : mail.reminders && reminder(parts, event)
  if (message === false || message === undefined) return
  const call = {
    kind: 'write',
    noun: 'Message',
    verb: 'create',
    body: JSON.stringify({ ...message, channel: 'Email', status: 'Sent' }),
    idempotencyKey: `mail.do/remind/${event.id}`,
  } as const
  const answer = await parts.answer(call, { who: 'system', via: 'system', causedBy: event.id })
  if (!answer.ok) throw new Error(`the message could not be created: ${answer.error.message}`)
}

type Fields = Readonly<Record<string, JsonValue>>

function reminder(parts: ObjectParts, { data }: ObjectEvent): Fields | undefined {
  const { assignee, subject, description, dueAt } = data
  if (typeof assignee !== 'string' || !hasAddress(parts, assignee)) return undefined
  const due = typeof dueAt === 'string' ? `\n\nDue ${dueAt}` : ''
  return {
    type: 'reminder',
    direction: 'Internal',
    recipient: assignee,
    subject: `Reminder: ${text(subject)}`,
    body: `${text(description) || text(subject)}${due}`,
  }
}

function dunning(parts: ObjectParts, { data }: ObjectEvent): Fields | undefined {
  const customer = typeof data['customer'] === 'string' ? parts.read(data['customer']) : undefined
  const contact = customer?.['contact']
  if (typeof contact !== 'string' || !hasAddress(parts, contact)) return undefined
  const { number, amountDue, total, currency, dueAt, hostedUrl } = data
  const owed = `${text(amountDue ?? total)} ${text(currency)}`.trim()
  const link = typeof hostedUrl === 'string' ? `\n\n${hostedUrl}` : ''
  const since = typeof dueAt === 'string' ? `, which was due on ${dueAt.slice(0, 10)},` : ''
  return {
    type: 'dunning',
    direction: 'Outbound',
    recipient: contact,
    contact,
    subject: `Invoice ${text(number)} is overdue`.replace('  ', ' '),
    body: `The invoice ${text(number)}${since} has not been paid: ${owed} are open.${link}`,
  }
}

function hasAddress(parts: ObjectParts, id: string): boolean {
  const email = parts.read(id)?.['email']
  return typeof email === 'string' && isMailAddress(email)
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
