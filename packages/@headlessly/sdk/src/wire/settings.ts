// What a client is configured with, checked once. Messages never repeat the key.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import { isWorkers } from '../base/is-workers.ts'
import type { Transport } from './transport.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HeadlesslyOptions {
  /** The tenant's slug: `acme`. */
  readonly tenant: string
  /** `http://localhost:8787` unless given. */
  readonly endpoint?: string
  readonly apiKey?: string
  /** Instead of the platform's own. */
  readonly fetch?: Fetch
  /** How long one answer may take; 30 s unless given. */
  readonly timeoutMs?: number
  /** Where to begin: a bookmark of another client, whose writes this one is then to see. */
  readonly bookmark?: string
  /**
   * How calls travel: `http`, a request for those of each tick; `websocket`, one connection, which is open while calls are
   * made. Unless given, HTTP, and a WebSocket while one call follows the other. Live events come as server-sent events.
   */
  readonly connection?: 'http' | 'websocket'
  /** What events tell of where a write came from. */
  readonly via?: 'sdk' | 'cli'
  /** Instead of all that. */
  readonly transport?: Transport
}

export interface Settings {
  readonly tenant: string
  /** Without a slash at its end. */
  readonly endpoint: string
  readonly apiKey: string | undefined
  readonly fetch: Fetch
  readonly timeoutMs: number
  readonly connection: 'http' | 'websocket' | 'auto'
  readonly via: 'sdk' | 'cli'
}

const defaultEndpoint = 'http://localhost:8787'
const defaultTimeoutMs = 30_000

/** Throws a HeadlesslyError `invalid_settings` that names the option. */
export function parseSettings(options: HeadlesslyOptions): Settings {
  const { tenant, endpoint = defaultEndpoint, apiKey, timeoutMs = defaultTimeoutMs } = options
  if (!/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/.test(tenant)) {
    const message = `tenant expects 2 to 64 lower-case letters, digits and hyphens, got ${JSON.stringify(tenant)}`
    throw wrong('tenant', message)
  }
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey))
    throw wrong('apiKey', 'apiKey expects visible ASCII characters without spaces')
  if (!(timeoutMs > 0)) throw wrong('timeoutMs', `timeoutMs expects a positive number, got ${timeoutMs}`)
  return {
    tenant,
    endpoint: parseEndpoint(endpoint),
    connection: parseConnection(options),
    via: options.via ?? 'sdk',
    apiKey,
    // Looked up at each call, and called as a plain function: browsers refuse it as another object's method.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    timeoutMs,
  }
}

function parseConnection(options: HeadlesslyOptions): Settings['connection'] {
  const { connection } = options
  if (connection === 'http') return connection
  const obstacle = obstacleToSockets(options)
  if (connection === undefined) return obstacle === undefined ? 'auto' : 'http'
  if (connection !== 'websocket') throw wrong('connection', "connection expects 'http' or 'websocket'")
  if (obstacle !== undefined) throw wrong('connection', obstacle)
  return connection
}

/** Why calls go over HTTP. */
function obstacleToSockets({ apiKey, fetch }: HeadlesslyOptions): string | undefined {
  // A WebSocket of the platform's takes neither headers nor another's fetch.
  if (apiKey !== undefined) return 'an API key travels over http only'
  if (fetch !== undefined) return 'a fetch of your own is for http'
  if (!('WebSocket' in globalThis)) return 'this platform has no WebSocket'
  return isWorkers() ? 'a connection cannot outlive a request here' : undefined
}

function parseEndpoint(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw wrong('endpoint', `endpoint expects a URL such as ${defaultEndpoint}`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw wrong('endpoint', `endpoint expects http or https, got '${url.protocol}'`)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw wrong('endpoint', 'endpoint expects a URL without user, password, query and fragment; a key goes into apiKey')
  return url.href.replace(/\/+$/, '')
}

/** From `HEADLESSLY_TENANT`, `HEADLESSLY_API_KEY` and `HEADLESSLY_ENDPOINT`. Throws where no tenant is named. */
export function parseEnvironment(environment: Readonly<Record<string, string | undefined>>): HeadlesslyOptions {
  const [tenant, endpoint, apiKey] = ['TENANT', 'ENDPOINT', 'API_KEY'].map((name) => {
    const text = environment[`HEADLESSLY_${name}`]
    return text === '' ? undefined : text
  })
  if (tenant === undefined) {
    const message =
      "no tenant: set HEADLESSLY_TENANT before the first use of $ or of an entity, or make a client with Headlessly({ tenant: 'acme' })"
    throw wrong('tenant', message)
  }
  return {
    tenant,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(apiKey === undefined ? {} : { apiKey }),
  }
}

/** Where the platform has one; a browser has none. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  if (!('process' in globalThis)) return {}
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } }
  return process?.env ?? {}
}

function wrong(field: string, message: string): HeadlesslyError {
  return new HeadlesslyError({ code: 'invalid_settings', field, message: `headlessly: ${message}` })
}
