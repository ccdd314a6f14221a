// Requests to Stripe by its own library, which is loaded with the first of them. All leave by the shared way to addresses
// outside, to one host, and none is repeated here: whoever asks knows when to try again.

import type { SendOutside } from '@dotdo/service'
import { isPlainObject, type JsonValue, tryParseJson } from 'digital-objects'
import { withoutCardNumbers } from '../records/card-numbers.ts'

export const stripeServer = 'https://api.stripe.com'

export type StripeObject = Readonly<Record<string, JsonValue>>
export type StripeParameters = Readonly<Record<string, unknown>>

export interface StripeApi {
  /** Throws a StripeRefused. */
  readonly get: (path: string, parameters?: StripeParameters) => Promise<StripeObject>
  /** The same `key` within a day is the same request, and has the same answer. */
  readonly post: (path: string, parameters: StripeParameters, key: string) => Promise<StripeObject>
  readonly remove: (path: string, key: string) => Promise<StripeObject>
}

export interface StripeAccess {
  readonly key: string
  /** The base address, without a path. */
  readonly server: string
  readonly send: SendOutside
}

/** Less than what the outbox gives a handler. */
const requestMsMax = 20_000
/** A page of 100 invoices with their lines. */
const answerBytesMax = 8 * 2 ** 20
const messageCharactersMax = 400

/** An answer of Stripe that is an error, or none. */
export class StripeRefused extends Error {
  /** 0 if there was no answer. */
  readonly status: number
  readonly code: string

  constructor(message: string, { status, code = '' }: { readonly status: number; readonly code?: string }) {
    super(withoutSecrets(message).slice(0, messageCharactersMax))
    this.status = status
    this.code = code
  }

  /** Whether Stripe has refused the request without doing any of it; a conflict of keys says nothing of the first request. */
  get isBeforeWork(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 && this.status !== 409
  }

  /** Whether the same request would be refused again. Another time may help with the rest. */
  get isPermanent(): boolean {
    return this.isBeforeWork && this.status !== 425 && this.status !== 429 && this.code !== 'lock_timeout'
  }

  /** Whether the key is refused, and the request was not looked at. */
  get isOfAccess(): boolean {
    return this.status === 401 || this.status === 403
  }

  get isMissing(): boolean {
    return this.status === 404 || this.code === 'resource_missing'
  }
}

interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly parameters?: StripeParameters
  readonly idempotencyKey?: string
}

export async function openStripe({ key, server, send }: StripeAccess): Promise<StripeApi> {
  const { default: Stripe } = await import('stripe')
  const { hostname, port, protocol } = new URL(server)
  const stripe = new Stripe(key, {
    host: hostname,
    ...(port === '' ? {} : { port }),
    protocol: protocol === 'http:' ? 'http' : 'https',
    httpClient: Stripe.createFetchHttpClient(fetchBy(send, server)),
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: requestMsMax,
  })
  const ask = async ({ method, path, parameters = {}, idempotencyKey }: Asked): Promise<StripeObject> => {
    try {
      const options = idempotencyKey === undefined ? {} : { idempotencyKey }
      const answer: unknown = await stripe.rawRequest(method, path, method === 'POST' ? parameters : undefined, options)
      const object = parseObject(answer)
      if (object === undefined) throw new StripeRefused('Stripe answered without an object', { status: 0 })
      return object
    } catch (error) {
      throw error instanceof Stripe.errors.StripeError
        ? new StripeRefused(error.message, { status: error.statusCode ?? 0, code: error.code ?? '' })
        : error
    }
  }
  return {
    get: (path, parameters = {}) => ask({ method: 'GET', path: path + queryOf(parameters) }),
    post: (path, parameters, idempotencyKey) => ask({ method: 'POST', path, parameters, idempotencyKey }),
    remove: (path, idempotencyKey) => ask({ method: 'DELETE', path, idempotencyKey }),
  }
}

/** `{ created: { gte: 5 }, expand: ['data.payments'] }` is `?created[gte]=5&expand[0]=data.payments`. */
function queryOf(parameters: StripeParameters): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => pairsOf(name, value))
  return pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')}`
}

function pairsOf(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null) return [[name, String(value)]]
  return Object.entries(value).flatMap(([inner, part]) => pairsOf(`${name}[${inner}]`, part))
}

/**
 * Takes an object in, as the library has answered with it or verified it. It drops members beside the JSON, such as functions, and
 * masks the numbers of cards that customers have typed into texts. Undefined for what is no object.
 */
export function parseObject(answer: unknown): StripeObject | undefined {
  const value: unknown = JSON.parse(JSON.stringify(answer))
  return isPlainObject(value) ? (withoutCardNumbers(value as StripeObject) as StripeObject) : undefined // JSON.parse made it
}

/** Headers that the connection sets by itself. */
const connectionHeaders = /^(?:content-length|host|connection)$/i

function fetchBy(send: SendOutside, server: string): typeof fetch {
  const { origin } = new URL(server)
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input)
    const headers = Object.fromEntries([...new Headers(init.headers)].filter(([name]) => !connectionHeaders.test(name)))
    const body = typeof init.body === 'string' && init.body !== '' ? { body: init.body } : {}
    const outcome = await send(
      { method: init.method ?? 'GET', url, headers, ...body },
      {
        fault: (asked) => (asked.origin === origin ? undefined : `expected an address of ${origin}`),
        // Another address would get the key.
        redirectsMax: 0,
        msMax: requestMsMax,
        bodyBytesMax: answerBytesMax,
      },
    )
    if (outcome.kind !== 'answered') throw new TypeError(outcome.reason)
    if (outcome.isCut) throw new TypeError(`the answer is larger than ${answerBytesMax} bytes`)
    const { status, headers: answered } = outcome
    // The library loses the status of an error that is a page, such as that of a gateway.
    if (status >= 400 && tryParseJson(new TextDecoder().decode(outcome.body)) === undefined)
      return Response.json({ error: { message: `the answer is ${status} without JSON` } }, { status })
    return new Response(outcome.body, { status, headers: answered })
  }
}

/** Stripe shows a part of a wrong key, and a message may name a card. */
function withoutSecrets(message: string): string {
  return message
    .replaceAll(/\b(?:sk|rk|pk|whsec)_[\w*]+/g, '(a key)')
    .replaceAll(/\b\d(?:[ -]?\d){11,18}\b/g, '(a number)')
}
