// Stripe as a provider: its parts in one tenant's object, and what its routes ask of them.

import { type CommandCaller, mayDoEverything, type ObjectParts } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError, parseExactJson } from 'digital-objects'
import type { Provider } from '../records/provider.ts'
import { connect, disconnect } from './connect.ts'
import { connectedSettings, notConnected, StripeConnection } from './connection.ts'
import { EventMarks } from './gaps.ts'
import { Hints } from './hints.ts'
import { checkoutLink, portalLink } from './links.ts'
import { stripeActor } from './mirror-write.ts'
import { objectTable } from './object-table.ts'
import { outboundHandler } from './outbound.ts'
import { type Asked, beginRun, type Body, invalid, type ProviderParts, type StripeOptions } from './provider-parts.ts'
import { receiveEvent } from './receive.ts'
import { statusOf } from './status.ts'
import { stripeServer } from './stripe-api.ts'
import { PaymentWorker } from './worker.ts'

export interface StripeProvider extends Provider {
  /** Answers a route. Throws an ObjectError. */
  readonly serve: (input: JsonValue, by: CommandCaller) => Promise<JsonValue>
}

export function stripeProvider(parts: ObjectParts, options: StripeOptions): StripeProvider {
  const connection = new StripeConnection({ parts, send: options.send, server: options.server ?? stripeServer })
  const hints = new Hints(parts.values, connection.findings)
  const marks = new EventMarks(parts.values)
  const of: ProviderParts = { connection, hints, marks, options }
  return {
    name: 'stripe',
    guarded: {
      server: stripeActor,
      isConnected: () => connection.isConnected,
      ids: Object.fromEntries(objectTable.map(({ noun, id }) => [noun, id])),
      requireConnection: () => {
        if (!connection.isConnected) throw notConnected()
      },
    },
    isConnected: (asked) => connectedSettings(asked) !== undefined,
    handlers: [outboundHandler({ connection, hints, now: options.now })],
    jobs: [new PaymentWorker({ connection, hints, marks, now: options.now })],
    serve: (input, by) => answer(of, parseAsked(input), by),
  }
}

/** Fields of the body by route. */
const fields: Readonly<Record<string, readonly string[]>> = {
  'POST /payments/connect': ['key', 'webhookSecret', 'sync'],
  'POST /payments/sync': ['kind'],
  'POST /payments/reconcile': ['day'],
  'POST /payments/checkout': ['price', 'quantity', 'customer', 'mode', 'successUrl', 'cancelUrl'],
  'POST /payments/portal': ['customer', 'returnUrl'],
}

async function answer(of: ProviderParts, request: Asked, caller: CommandCaller): Promise<JsonValue> {
  const { connection, hints, marks, options } = of
  const { route } = request
  if (route === 'POST /payments/stripe/webhook')
    return receiveEvent({ connection, hints, marks, now: options.now }, request)
  const by = await requireOwner(caller)
  const body = parseBody(request, fields[route] ?? [])
  if (route === 'POST /payments/connect') return toAnswer(await connect(of, { body, by }))
  if (!connection.isConnected) throw notConnected()
  switch (route) {
    case 'POST /payments/disconnect':
      await disconnect(of, by)
      return null
    case 'GET /payments/status':
    case 'POST /payments/status':
      return toAnswer(statusOf(of))
    case 'POST /payments/sync':
      return beginRun(of, { kind: kindOf(body['kind']) }, by)
    case 'POST /payments/reconcile':
      return beginRun(of, { kind: 'Reconciliation', ...dayOf(body['day']) }, by)
    case 'POST /payments/checkout':
      return toAnswer(await connection.run((mirror) => checkoutLink(mirror, body)))
    case 'POST /payments/portal':
      return toAnswer(await connection.run((mirror) => portalLink(mirror, body)))
    default:
      throw new ObjectError({ code: 'not_found', message: `there is no route ${route}` })
  }
}

const kinds = ['Sync', 'Rehearsal', 'Gaps']

function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'Sync'
  if (typeof value === 'string' && kinds.includes(value)) return value
  throw invalid('kind', `expects ${kinds.join(', ')}`)
}

function dayOf(value: JsonValue | undefined): { readonly day?: string } {
  if (value === undefined) return {}
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)))
    return { day: value }
  throw invalid('day', 'expects a date such as 2026-03-31')
}

/** Payments are about all data of the tenant. Returns the actor. */
async function requireOwner(caller: CommandCaller): Promise<string> {
  // A text may have told it to connect another's account, or to pass on a link.
  if (caller.isMisled) throw new ObjectError({ code: 'forbidden', message: 'you have lately read texts of strangers' })
  if (await mayDoEverything(caller)) return caller.who
  throw new ObjectError({ code: 'forbidden', message: 'payments are only for callers that may do everything' })
}

/** The route of this service made it. */
function parseAsked(input: JsonValue): Asked {
  const { route, body, signature } = isPlainObject(input) ? input : {}
  return {
    route: String(route),
    body: typeof body === 'string' ? body : '',
    signature: typeof signature === 'string' ? signature : undefined,
  }
}

function parseBody({ body: text }: Asked, allowed: readonly string[]): Body {
  if (text === '') return {}
  const body = parseExactJson(text, {
    syntax: () => new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body expects JSON' }),
    inexact: ({ path }) => invalid(path.join('.').slice(0, 64), 'expects a number that is exact'),
  })
  if (!isPlainObject(body)) throw invalid('body', 'expects an object')
  const stray = Object.keys(body).find((name) => !allowed.includes(name))
  if (stray !== undefined)
    throw invalid(stray.slice(0, 64), `is not expected: the body takes ${allowed.join(', ') || 'no fields'}`)
  return body as Body // parsed from JSON
}

/** What an answer has is JSON. */
function toAnswer(body: object): JsonValue {
  return JSON.parse(JSON.stringify(body)) as JsonValue
}
