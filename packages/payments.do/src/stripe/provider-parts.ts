// What the routes of Stripe work with, and what they have in common.

import type { SendOutside } from '@dotdo/service'
import { type JsonValue, ObjectError } from 'digital-objects'
import type { StripeConnection } from './connection.ts'
import type { EventMarks } from './gaps.ts'
import type { Hints } from './hints.ts'
import { stripeActor } from './mirror-write.ts'

export interface StripeOptions {
  readonly send: SendOutside
  /** Set by the operator, for tests; by default Stripe's own. */
  readonly server: string | undefined
  readonly now: () => number
}

/** What a route asks of the tenant's object. */
export interface Asked {
  /** `POST /payments/connect` */
  readonly route: string
  /** As it came. */
  readonly body: string
  readonly signature: string | undefined
}

export type Body = Readonly<Record<string, JsonValue>>

export interface ProviderParts {
  readonly connection: StripeConnection
  readonly hints: Hints
  readonly marks: EventMarks
  readonly options: StripeOptions
}

/** Runs of a tenant that are open at a time. */
const runsMax = 10

export async function beginRun({ connection }: ProviderParts, run: Body, by: string): Promise<JsonValue> {
  const { parts } = connection
  if (parts.earliest('PaymentRun', { field: 'dueAt', limit: runsMax }).length >= runsMax)
    throw new ObjectError({ code: 'conflict', message: `${runsMax} runs are under way: wait for one of them` })
  const body = JSON.stringify({ ...run, provider: 'stripe', askedBy: by })
  const call = { kind: 'write', noun: 'PaymentRun', verb: 'create', body } as const
  const made = await parts.answer(call, { who: stripeActor, via: 'system' })
  if (!made.ok) throw new ObjectError(made.error)
  return JSON.parse(made.body) as JsonValue
}

export function invalid(field: string, expected: string): ObjectError {
  const message = `${field} ${expected}`
  return new ObjectError({ code: 'validation_error', field, message, faults: [{ field, message: expected }] })
}
