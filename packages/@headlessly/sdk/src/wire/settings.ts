// The options of a client, validated once. Error messages never contain the key.

import { checkOptions } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { isWorkers } from '../base/is-workers.ts'
import type { Transport } from './transport.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HeadlesslyOptions {
  /** The tenant's slug: `acme`. */
  readonly tenant: string
  /** Default: `http://localhost:8787`. */
  readonly endpoint?: string | undefined
  readonly apiKey?: string | undefined
  /** Replaces the platform's own. */
  readonly fetch?: Fetch | undefined
  /** Maximum time for one answer; default 30 s. */
  readonly timeoutMs?: number | undefined
  /** The bookmark of another client, whose writes this client is to see. */
  readonly bookmark?: string | undefined
  /**
   * How calls travel: `http`, one request per tick; `websocket`, one connection that is open while calls are made. By
   * default HTTP, and a WebSocket while calls follow each other closely.
   */
  readonly connection?: 'http' | 'websocket' | undefined
  /**
   * The way of live events: by default `http`, as server-sent events; `websocket` for pages, since browsers count such a
   * stream among the six connections that they open to a server.
   */
  readonly liveConnection?: 'http' | 'websocket' | undefined
  /** The interface that events name as the origin of a write. */
  readonly via?: 'sdk' | 'cli' | undefined
  /** Replaces all of the above. */
  readonly transport?: Transport | undefined
}

/** The options that concern the server, whichever the tenant. */
export type ServerOptions = Pick<HeadlesslyOptions, 'endpoint' | 'apiKey' | 'fetch' | 'timeoutMs'>

export interface ServerSettings {
  /** Without a trailing slash. */
  readonly endpoint: string
  readonly apiKey: string | undefined
  readonly fetch: Fetch
  readonly timeoutMs: number
}

export interface Settings extends ServerSettings {
  readonly tenant: string
  readonly connection: 'http' | 'websocket' | 'auto'
  readonly liveConnection: 'http' | 'websocket'
  readonly via: 'sdk' | 'cli'
}

const optionKinds = {
  tenant: 'string',
  endpoint: 'string',
  apiKey: 'string',
  fetch: 'function',
  timeoutMs: 'number',
  bookmark: 'string',
  connection: 'string',
  liveConnection: 'string',
  via: 'string',
  transport: 'any',
  nouns: 'list',
} as const satisfies Readonly<Record<keyof HeadlesslyOptions | 'nouns', unknown>>

const defaultEndpoint = 'http://localhost:8787'
const defaultTimeoutMs = 30_000

/** Throws a HeadlesslyError `invalid_settings` that names the option. */
export function parseSettings(options: HeadlesslyOptions): Settings {
  checkOptions(options ?? null, { what: 'headlessly', kinds: optionKinds, code: 'invalid_settings' })
  const { tenant } = options
  // An undefined tenant would pass for the tenant 'undefined'.
  if (tenant === undefined || !/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/.test(tenant)) {
    const message = `tenant expects 2 to 64 lower-case letters, digits and hyphens, got ${JSON.stringify(tenant)}`
    throw invalidSetting('tenant', message)
  }
  return {
    ...parseServerSettings(options),
    tenant,
    connection: parseConnection('connection', options) ?? (obstacleToSockets(options) === undefined ? 'auto' : 'http'),
    liveConnection: parseConnection('liveConnection', options) ?? 'http',
    via: options.via ?? 'sdk',
  }
}

/** Throws a HeadlesslyError `invalid_settings` that names the option. */
export function parseServerSettings(options: ServerOptions): ServerSettings {
  const { endpoint = defaultEndpoint, apiKey, timeoutMs = defaultTimeoutMs } = options
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey))
    throw invalidSetting('apiKey', 'apiKey expects visible ASCII characters without spaces')
  if (!(timeoutMs > 0)) throw invalidSetting('timeoutMs', `timeoutMs expects a positive number, got ${timeoutMs}`)
  return {
    endpoint: parseEndpoint(endpoint),
    apiKey,
    // Looked up at each call, and called as a plain function, since browsers refuse it as a method of another object.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    timeoutMs,
  }
}

function parseConnection(
  name: 'connection' | 'liveConnection',
  options: HeadlesslyOptions,
): 'http' | 'websocket' | undefined {
  const connection = options[name]
  if (connection === undefined || connection === 'http') return connection
  if (connection !== 'websocket') throw invalidSetting(name, `${name} expects 'http' or 'websocket'`)
  const obstacle = obstacleToSockets(options)
  if (obstacle !== undefined) throw invalidSetting(name, obstacle)
  return connection
}

/** The reason why WebSockets cannot be used. */
function obstacleToSockets({ apiKey, fetch }: HeadlesslyOptions): string | undefined {
  // A key of a tenant can be exchanged for a ticket.
  if (apiKey?.startsWith('hly_') === false) return 'the token of a proxy travels over http only'
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
    throw invalidSetting('endpoint', `endpoint expects a URL such as ${defaultEndpoint}`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalidSetting('endpoint', `endpoint expects http or https, got '${url.protocol}'`)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw invalidSetting(
      'endpoint',
      'endpoint expects a URL without user, password, query and fragment; a key goes into apiKey',
    )
  return url.href.replace(/\/+$/, '')
}

/** Reads `HEADLESSLY_TENANT`, `HEADLESSLY_API_KEY` and `HEADLESSLY_ENDPOINT`. Throws if no tenant is named. */
export function parseEnvironment(environment: Readonly<Record<string, string | undefined>>): HeadlesslyOptions {
  const [tenant, endpoint, apiKey] = ['TENANT', 'ENDPOINT', 'API_KEY'].map((name) => {
    const text = environment[`HEADLESSLY_${name}`]
    return text === '' ? undefined : text
  })
  if (tenant === undefined) {
    const message =
      "no tenant: set HEADLESSLY_TENANT before the first use of $ or of an entity, or make a client with Headlessly({ tenant: 'acme' })"
    throw invalidSetting('tenant', message)
  }
  return {
    tenant,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(apiKey === undefined ? {} : { apiKey }),
  }
}

/** The environment, if the platform has one; a browser has none. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  if (!('process' in globalThis)) return {}
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } }
  return process?.env ?? {}
}

function invalidSetting(field: string, message: string): HeadlesslyError {
  return new HeadlesslyError({ code: 'invalid_settings', field, message: `headlessly: ${message}` })
}
