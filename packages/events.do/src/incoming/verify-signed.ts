// Verifies what another system has sent, by the bytes that came: a signature, or a token. It is done before anything is parsed.

import { type Scheme, schemes, type SchemeName, tokenScheme } from './schemes.ts'

export interface Received {
  readonly body: string
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly nowMs: number
}

export interface Proved {
  /** A text that is the same for a repetition; undefined if nothing of it is proved. */
  readonly delivery: string | undefined
  /** Whether the sender names its deliveries, so that an equal one of another name is no repetition. */
  readonly isNamed: boolean
  /** Whether a repetition is refused by its time alone, once the delivery is some minutes old. */
  readonly isTimed: boolean
}

/** A sender's clock may differ by this. */
const toleranceMs = 300_000
const signaturesMax = 10
const nameMax = 200

/** Returns undefined for what the holder of the secret has not sent, or not now. */
export async function verifySigned(name: SchemeName, secret: string, received: Received): Promise<Proved | undefined> {
  if (name === 'Token') return verifyToken(secret, received)
  const scheme: Scheme = schemes[name]
  const { body, headers, nowMs } = received
  const parts = partsOf(scheme, headers)
  const seconds = timestampOf(scheme, headers, parts)
  if (seconds === undefined || (seconds !== '' && !isNear(seconds, nowMs))) return undefined
  const id = scheme.id === undefined ? '' : headers[scheme.id]
  const key = keyOf(scheme, secret)
  if (id === undefined || key === undefined) return undefined
  const text = scheme.signed.replace('{t}', () => seconds).replace('{id}', () => id) + body
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  for (const signature of signaturesOf(scheme, parts))
    if (await crypto.subtle.verify('HMAC', imported, signature, bytesOf(text)))
      return await provedBy(scheme, { id, text, seconds, headers })
  return undefined
}

/** A name that is not signed only adds to the digest, so whoever changes it needs a body that the sender has signed. */
async function provedBy(
  { delivery }: Scheme,
  of: {
    readonly id: string
    readonly text: string
    readonly seconds: string
    readonly headers: Received['headers']
  },
): Promise<Proved> {
  const { id, text, seconds, headers } = of
  const named = (delivery === undefined ? undefined : headers[delivery])?.slice(0, nameMax) ?? ''
  const digest = id === '' ? await digestOf(text) : id
  return {
    delivery: named === '' ? digest : `${digest} ${named}`,
    isNamed: id !== '' || named !== '',
    isTimed: seconds !== '',
  }
}

/** Compares digests, since the time that a comparison of texts takes says how much of them is equal. */
async function verifyToken(secret: string, { headers }: Received): Promise<Proved | undefined> {
  const given = headers[tokenScheme.header] ?? ''
  const token = given.startsWith(tokenScheme.prefix) ? given.slice(tokenScheme.prefix.length) : basicPassword(given)
  if (token === undefined) return undefined
  const [expected, got] = await Promise.all([digestOf(secret), digestOf(token)])
  return expected === got ? { delivery: undefined, isNamed: false, isTimed: false } : undefined
}

function basicPassword(header: string): string | undefined {
  const coded = /^Basic ([\w+/]+=*)$/.exec(header)?.[1]
  const pair = coded === undefined ? undefined : decodeBase64(coded)
  if (pair === undefined) return undefined
  const text = new TextDecoder().decode(pair)
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : undefined
}

function partsOf({ header, separator }: Scheme, headers: Received['headers']): readonly string[] {
  const text = headers[header] ?? ''
  return separator === undefined ? [text] : text.split(separator).map((part) => part.trim())
}

/** An empty text for a scheme without timestamps; undefined if it is missing. */
function timestampOf(
  { timestamp }: Scheme,
  headers: Received['headers'],
  parts: readonly string[],
): string | undefined {
  if (timestamp === undefined) return ''
  const text =
    'header' in timestamp
      ? headers[timestamp.header]
      : parts.find((part) => part.startsWith(timestamp.part))?.slice(timestamp.part.length)
  return text !== undefined && /^\d{1,12}$/.test(text) ? text : undefined
}

function isNear(seconds: string, nowMs: number): boolean {
  return Math.abs(Number(seconds) * 1_000 - nowMs) <= toleranceMs
}

function keyOf({ key }: Scheme, secret: string): Uint8Array<ArrayBuffer> | undefined {
  return key === 'text' ? bytesOf(secret) : decodeBase64(secret.replace(/^whsec_/, ''))
}

function signaturesOf({ prefix, encoding }: Scheme, parts: readonly string[]): readonly Uint8Array<ArrayBuffer>[] {
  return parts
    .filter((part) => part.startsWith(prefix))
    .slice(0, signaturesMax)
    .flatMap((part) => {
      const text = part.slice(prefix.length)
      return (encoding === 'hex' ? decodeHex(text) : decodeBase64(text)) ?? []
    })
}

function decodeHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^(?:[0-9a-f]{2}){32}$/i.test(text)) return undefined
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w+/]{1,1000}={0,2}$/.test(text) || text.includes('_')) return undefined
  try {
    return Uint8Array.from(atob(text), (one) => one.charCodeAt(0))
  } catch {
    return undefined
  }
}

async function digestOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(text)))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text))
}
