// Clients of the authorization server: those that register themselves (RFC 7591), and those whose id is the URL of a document
// about them (client ID metadata documents).

import type { AuthorizationAnswer, AuthorizationRequest } from '@dotdo/service'
import { isObject, tryParseJson } from 'digital-objects'
import { oauthError, responseToAnswer, toRequest } from './oauth-answer.ts'
import type { Provider } from './oauth-provider.ts'
import { NoRoomForClient } from './oauth-store.ts'

/** A person installs a few programs a day. */
const registrationsMax = 20
const registrationsMs = 60_000
const loopbackNames = ['localhost', '127.0.0.1', '[::1]']
/** Names that never belong to a public host (RFC 6761, RFC 6762, RFC 8375). */
const privateNames = /(?:^|\.)(?:localhost|local|internal|home\.arpa|lan|test|invalid|onion)$/

/** Limits registrations of a tenant while its object is awake. */
export class Registrations {
  readonly #now: () => number
  /** The times of registrations in the last minute. */
  #times: readonly number[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  async answer(request: AuthorizationRequest, provider: Provider): Promise<AuthorizationAnswer> {
    const now = this.#now()
    this.#times = this.#times.filter((at) => at > now - registrationsMs)
    if (this.#times.length >= registrationsMax) return tooMany(registrationsMs - (now - (this.#times[0] ?? now)))
    this.#times = [...this.#times, now]
    const foreign = foreignRedirect(request)
    if (foreign !== undefined) return oauthError('invalid_redirect_uri', foreign)
    try {
      return await responseToAnswer(await provider.fetch(toRequest(request)))
    } catch (error) {
      if (error instanceof NoRoomForClient) return oauthError('temporarily_unavailable', error.message, 503)
      throw error
    }
  }
}

function tooMany(waitMs: number): AuthorizationAnswer {
  const refusal = oauthError('temporarily_unavailable', 'too many clients have registered in the last minute', 429)
  return { ...refusal, headers: [...refusal.headers, ['retry-after', String(Math.ceil(waitMs / 1_000))]] }
}

/** Anybody may register a program of their own machine. Other addresses need a document, or a key with full authority. */
function foreignRedirect({ body, by }: AuthorizationRequest): string | undefined {
  if (by !== undefined && !by.isPerson && by.mayDoEverything) return undefined
  const metadata = tryParseJson(body)
  // The library describes what else is wrong.
  const uris = isObject(metadata) && Array.isArray(metadata['redirect_uris']) ? metadata['redirect_uris'] : []
  const foreign = uris.find((uri) => typeof uri !== 'string' || !isLoopback(uri))
  if (foreign === undefined) return undefined
  return (
    'only redirect URIs of the own machine (http://127.0.0.1) can be registered without a key of full authority; ' +
    'a client elsewhere uses the URL of its metadata document as client_id'
  )
}

function isLoopback(uri: string): boolean {
  return URL.canParse(uri) && loopbackNames.includes(new URL(uri).hostname)
}

/** Returns the fault of a client's id that is a URL which this server must not fetch; undefined for any other. */
export function faultOfClientId(clientId: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(clientId)) return undefined
  const url = URL.canParse(clientId) ? new URL(clientId) : undefined
  const isPublic =
    url !== undefined &&
    url.protocol === 'https:' &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    isPublicName(url.hostname)
  return isPublic ? undefined : 'a client_id that is a URL must be https and name a public host'
}

/** URL has already turned every spelling of an IPv4 address into digits and dots. */
function isPublicName(host: string): boolean {
  const name = host.replace(/\.$/, '')
  return name.includes('.') && !name.startsWith('[') && !/^[\d.]+$/.test(name) && !privateNames.test(name)
}
