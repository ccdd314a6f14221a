// The requests of one run of a stored function to other servers: only to hosts that the function lists, within limits, with
// secrets that the code never sees, and logged.

import type { OutsideOutcome, SendOutside } from '@dotdo/service'
import { isPlainObject, tryParseJson } from 'digital-objects'
import { outsideRequestCharactersMax, outsideRequestsMax } from '../sandbox/sandbox.ts'
import { invalid } from './trigger.ts'

const hostsMax = 20
/** A run has 10 s, and its reads are kept for 5. */
const msMax = 4_000
const answerBytesMax = 2 ** 20
const redirectsMax = 3
/** A shorter secret would be found in answers by chance. */
const maskedLengthMin = 6

export interface LoggedRequest {
  readonly method: string
  /** Without its query. */
  readonly url: string
  readonly ms: number
  /** Absent if there was no answer. */
  readonly status?: number
  readonly error?: string
}

export interface OutgoingOptions {
  readonly origins: readonly string[]
  /** Placeholders of the secrets in the code, by name. */
  readonly secrets: Readonly<Record<string, string>>
  readonly readSecret: (name: string) => Promise<string | undefined>
  readonly send: SendOutside
  /** Begins the idempotency keys of its requests: a run that is repeated sends the same ones. */
  readonly key: string
  /** Requests of the run that were sent before. */
  readonly started?: number
  /** Sends nothing, and logs what it would send. */
  readonly isDry?: boolean
}

export class Outgoing {
  readonly requests: LoggedRequest[] = []
  readonly #options: OutgoingOptions
  #started: number

  constructor(options: OutgoingOptions) {
    this.#options = options
    this.#started = options.started ?? 0
  }

  /** The forms are those of `inside/outside-fetch.ts`. Never rejects. */
  readonly send = async (text: string): Promise<string> => {
    const request = parseRequest(text)
    if (request === undefined) return failed('the request cannot be read, or is too long')
    const number = ++this.#started
    if (number > outsideRequestsMax) return failed(`a run sends at most ${outsideRequestsMax} requests`)
    const startedMs = Date.now()
    const log = (ending: Pick<LoggedRequest, 'status' | 'error'>): void => {
      this.requests.push({ method: request.method, url: shownUrl(request.url), ms: Date.now() - startedMs, ...ending })
    }
    try {
      const outcome = await this.#send(request, number)
      if (outcome.kind === 'answered' && !outcome.isCut) {
        log({ status: outcome.status })
        return this.#answer(outcome, await this.#values())
      }
      const error = outcome.kind === 'answered' ? `the answer has more than ${answerBytesMax} bytes` : outcome.reason
      log({ error })
      return failed(`${request.method} ${shownUrl(request.url)}: ${error}`)
    } catch (error) {
      if (!(error instanceof MissingSecret)) throw error
      log({ error: error.message })
      return failed(error.message)
    }
  }

  async #send(request: SentRequest, number: number): Promise<OutsideOutcome> {
    const { origins, send, key, isDry = false } = this.#options
    const { method, url, headers, body } = request
    const fault = (asked: URL): string | undefined => faultOf(asked, origins)
    if (isDry) {
      const reason = URL.canParse(url) ? fault(new URL(url)) : 'it is no URL'
      if (reason !== undefined) return { kind: 'refused', reason }
      return { kind: 'answered', status: 204, headers: new Headers(), body: new Uint8Array(), isCut: false, url }
    }
    const values = await this.#values()
    const isJson = /\bjson\b/.test(headers['content-type'] ?? '')
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, put(value, values)]))
    const isRepeatable = ['GET', 'HEAD'].includes(method) || headers['idempotency-key'] !== undefined
    return send(
      {
        method,
        url: put(url, values, encodeURIComponent),
        headers: isRepeatable ? named : { ...named, 'idempotency-key': `${key}.${number}` },
        ...(body === undefined ? {} : { body: putBytes(fromBase64(body), values, isJson ? inJson : undefined) }),
      },
      { fault, redirectsMax, msMax, bodyBytesMax: answerBytesMax },
    )
  }

  /** Throws a MissingSecret. */
  async #values(): Promise<Values> {
    const { secrets, readSecret } = this.#options
    this.#read ??= Promise.all(
      Object.entries(secrets).map(async ([name, stand]) => {
        const value = await readSecret(name)
        if (value === undefined) throw new MissingSecret(`the tenant has no secret '${name}'`)
        return [stand, value] as const
      }),
    )
    return this.#read
  }
  #read: Promise<Values> | undefined

  /** A server that sends a secret back, as it was or as JSON or a URL has it, does not tell it to the code. */
  #answer({ status, headers, body, url }: Extract<OutsideOutcome, { kind: 'answered' }>, values: Values): string {
    const taken = values.filter(([, value]) => value.length >= maskedLengthMin)
    const forms = taken.flatMap(([stand, value]) => spellingsOf(value).map((form) => [form, stand] as const))
    const masked = (text: string): string => forms.reduce((left, [form, stand]) => left.replaceAll(form, stand), text)
    const kept = [...headers].filter(([name]) => !/^(?:content-encoding|content-length|transfer-encoding)$/i.test(name))
    const text = new TextDecoder().decode(body)
    const bytes = masked(text) === text ? body : new TextEncoder().encode(masked(text))
    return JSON.stringify({
      ok: true,
      status,
      headers: kept.map(([name, value]) => [name, masked(value)]),
      body: btoa(toBinary(bytes)),
      url: masked(url),
    })
  }
}

/** The longest first, since the others may be parts of it. */
function spellingsOf(value: string): readonly string[] {
  const once = inJson(value)
  return [inJson(once), once, encodeURIComponent(value), value]
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}

class MissingSecret extends Error {}

/** Pairs of what stands for a secret, and the secret. */
type Values = readonly (readonly [string, string])[]

interface SentRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** The code may have written it. */
function parseRequest(text: string): SentRequest | undefined {
  if (text.length > outsideRequestCharactersMax) return undefined
  const given = tryParseJson(text)
  if (!isPlainObject(given)) return undefined
  const { method, url, headers, body } = given
  if (typeof method !== 'string' || !/^[A-Z]{3,10}$/.test(method) || typeof url !== 'string') return undefined
  if (!isPlainObject(headers) || !(body === undefined || isBase64(body))) return undefined
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])
  return { method, url, headers: Object.fromEntries(entries), body }
}

function isBase64(text: unknown): text is string {
  return typeof text === 'string' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

/** `['api.example.com']` -> `['https://api.example.com']`. Throws an ObjectError `validation_error`. */
export function parseHosts(hosts: unknown): readonly string[] {
  if (hosts === undefined || hosts === null) return []
  if (!Array.isArray(hosts) || hosts.length > hostsMax) throw invalid('hosts', `expects a list of at most ${hostsMax}`)
  return hosts.map((host: unknown) => {
    const text = String(host)
    const url = URL.parse(text.includes('://') ? text : `https://${text}`)
    const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
    if (isOrigin && /^[^/]*(?::\/\/[^/]*)?$/.test(text)) return url.origin
    throw invalid('hosts', `expects names such as api.example.com, or http://host:port, got '${text.slice(0, 100)}'`)
  })
}

function faultOf({ origin, host, protocol }: URL, origins: readonly string[]): string | undefined {
  if (origins.includes(origin)) return undefined
  const known = origins.length === 0 ? 'it lists none' : `it lists ${origins.join(', ')}`
  const shown = protocol === 'https:' ? host : origin
  return `the function may not send requests to '${shown.slice(0, 100)}'; ${known} as 'hosts'`
}

function put(text: string, values: Values, escape: (value: string) => string = (value) => value): string {
  return values.reduce((left, [stand, value]) => left.replaceAll(stand, () => escape(value)), text)
}

function putBytes(
  bytes: Uint8Array<ArrayBuffer>,
  values: Values,
  escape?: (value: string) => string,
): Uint8Array<ArrayBuffer> {
  const text = toBinary(bytes)
  if (!values.some(([stand]) => text.includes(stand))) return bytes
  return new Uint8Array(new TextEncoder().encode(put(new TextDecoder().decode(bytes), values, escape)))
}

/** A query may have what nobody should read. */
function shownUrl(url: string): string {
  const parsed = URL.parse(url)
  return (parsed === null ? url : parsed.origin + parsed.pathname).slice(0, 200)
}

function failed(message: string): string {
  return JSON.stringify({ ok: false, message })
}

function toBinary(bytes: Uint8Array): string {
  const parts: string[] = []
  const size = 8_192
  for (let at = 0; at < bytes.length; at += size) parts.push(String.fromCharCode(...bytes.subarray(at, at + size)))
  return parts.join('')
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
