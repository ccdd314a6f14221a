// Tickets: secrets that stand for a key once, for a short time. Only their hashes are stored.

import type { ExpiringValues } from '@dotdo/do'
import { ObjectError, sha256Hex } from 'digital-objects'

const lifeSeconds = 30
/** Beyond them, no ticket is made until others end. */
const ticketsMax = 10_000
const prefix = 'ticket:'
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const characters = 43

export interface Ticket {
  readonly ticket: string
  readonly expiresInSeconds: number
}

/** Throws an ObjectError if too many tickets wait. */
export function issueTicket(values: ExpiringValues, key: string): Ticket {
  if (values.count(prefix) >= ticketsMax) throw overloaded()
  const ticket = `hly_ticket_${randomText()}`
  values.put({ key: prefix + sha256Hex(ticket), value: key, endsMs: Date.now() + lifeSeconds * 1_000 })
  return { ticket, expiresInSeconds: lifeSeconds }
}

/** Returns '' for a ticket that was taken, has ended or never was. */
export function takeTicket(values: ExpiringValues, hash: string): string {
  return values.take(prefix + hash)?.value ?? ''
}

function randomText(): string {
  let text = ''
  while (text.length < characters)
    for (const byte of crypto.getRandomValues(new Uint8Array(characters))) {
      // Larger bytes would make some characters likelier than others.
      if (byte < alphabet.length * 4 && text.length < characters) text += alphabet.charAt(byte % alphabet.length)
    }
  return text
}

function overloaded(): ObjectError {
  return new ObjectError({ code: 'overloaded', message: `at most ${ticketsMax} tickets wait at a time` })
}
