// The handler of new movements: one that came in and names an invoice pays it, any other becomes a task for a person. Both are verbs
// of the movement that its state allows once.

import type { AfterHandler, ObjectParts } from '@dotdo/service'
import { type EntityFields, type JsonValue, ObjectError } from 'digital-objects'
import { matchInvoice } from './match-invoice.ts'

/** Refusals that a person has to look at, such as a closed period. */
const decided = [
  'validation_error',
  'invalid_transition',
  'invalid_reference',
  'hook_rejected',
  'not_found',
  'forbidden',
]

export function matchTransactions(parts: ObjectParts): AfterHandler {
  return {
    id: 'payments.do/bank',
    handles: ({ type }) => type === 'BankTransaction.Created',
    run: async ({ id: causedBy, target }) => {
      const movement = parts.read(target)
      if (movement === undefined || !isWaiting(movement)) return
      const result = await matchInvoice(parts, movement)
      const call = (verb: string, body: Readonly<Record<string, JsonValue>>) =>
        parts.answer(
          { kind: 'write', noun: 'BankTransaction', verb, id: target, body: JSON.stringify(body) },
          { who: 'system', via: 'hook', causedBy },
        )
      let reason = result.kind === 'unclear' ? result.reason : ''
      if (result.kind === 'matched') {
        const answer = await call('match', { invoice: result.invoice })
        if (answer.ok) return
        if (!decided.includes(answer.error.code)) throw new ObjectError(answer.error)
        reason = `Its invoice could not be paid: ${answer.error.message}`
      }
      const asked = await call('ask', { subject: subjectOf(movement), description: `${reason}\n\nMovement: ${target}` })
      if (!asked.ok && asked.error.code !== 'invalid_transition') throw new ObjectError(asked.error)
    },
  }
}

/** A movement that a person has decided on, or that has its task, is left alone, as is one that went out. */
function isWaiting({ status, amount, task }: EntityFields): boolean {
  return status === 'Unmatched' && task === undefined && Number(amount) > 0
}

function subjectOf({ party }: EntityFields): string {
  return `Find the invoice for a payment${typeof party === 'string' ? ` of ${party.slice(0, 100)}` : ''}`
}
