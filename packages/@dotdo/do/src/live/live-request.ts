// The request with which the front door asks a tenant's object for live events. Only `fetch` can open a WebSocket, so
// the caller's authority travels in a header. The front door builds the request with `liveRequest`, which overwrites
// any header of that name from the client; nobody else can reach the object.

import {
  type Authority,
  isFullAuthority,
  type NounSchema,
  ObjectError,
  type Parameters,
  parseAuthority,
} from 'digital-objects'
import { parseEventSelection } from '../log/event-selection.ts'
import type { Audience } from './audience.ts'
import { type Proof, proofOf } from './proof.ts'
import { isOfQuery, type QueryAudience } from './query-source.ts'

const authorityHeader = 'x-headlessly-authority'
/** The parameters of the list, but for those about pages, and `commits`. */
const names = ['type', 'entity', 'actor', 'after', 'cursor', 'commits'] as const
const queryNames = ['filter', 'after', 'cursor'] as const
/** The path of live events; that of a live query continues with a slash and its Noun. */
const livePath = '/live'

export interface LiveRequest {
  readonly audience: Audience
  /** Absent for a caller without a key. */
  readonly proof?: Proof
  /** The `seq` to start after; undefined for new events only. */
  readonly after: number | undefined
}

export interface LiveRules {
  /** The Nouns that an authority sees. */
  readonly schemas: (authority: Authority) => readonly NounSchema[]
  /** Returns what the caller may do now. Throws an ObjectError `unauthorized` if its key proves nothing. */
  readonly current: (authority: Authority) => Authority
  /** Throws an ObjectError if a live query cannot be followed. */
  readonly checkQuery: (audience: QueryAudience) => void
}

/** `search` is the client's query with its `?`. With a Noun, the request is for a live query. */
export function liveRequest(options: {
  readonly noun?: string
  readonly search: string
  readonly headers: Headers
  readonly authority: Authority
}): Request {
  const headers = new Headers(options.headers)
  headers.set(authorityHeader, toAscii(JSON.stringify(options.authority)))
  const path = options.noun === undefined ? livePath : `${livePath}/${encodeURIComponent(options.noun)}`
  return new Request(`https://object${path}${options.search}`, { headers })
}

/**
 * `Last-Event-ID` overrides `cursor` and its synonym `after`. Throws an ObjectError that names the parameter, also for
 * one that live events do not have: ignored, it would deliver other events than those asked for.
 */
export function parseLiveRequest({ url, headers }: Request, rules: LiveRules): LiveRequest {
  const authority = rules.current(authorityOf(headers))
  const proof = proofOf(authority)
  const { pathname, searchParams } = new URL(url)
  // Callers that see everything share one text of each event.
  const restriction = isFullAuthority(authority) ? {} : { authority }
  const noun = pathname.startsWith(`${livePath}/`) ? decodeURIComponent(pathname.slice(livePath.length + 1)) : undefined
  const parameters = parseParameters(searchParams, noun === undefined ? names : queryNames)
  const { after, cursor = after } = parameters
  const audience: Audience =
    noun === undefined
      ? { ...parseSelection(parameters, () => rules.schemas(authority)), ...restriction }
      : { query: { noun, filter: parameters['filter'] ?? '' }, ...restriction }
  if (isOfQuery(audience)) rules.checkQuery(audience)
  return {
    audience,
    ...(proof === undefined ? {} : { proof }),
    after: parseAfter(headers.get('last-event-id') ?? cursor),
  }
}

function parseSelection(parameters: Parameters, schemas: () => readonly NounSchema[]): Audience {
  return {
    ...parseEventSelection(parameters, schemas),
    ...(parseCommits(parameters) ? { takesCommits: true as const } : {}),
  }
}

function authorityOf(headers: Headers): Authority {
  const text = headers.get(authorityHeader)
  if (text !== null) return parseAuthority(text)
  throw new ObjectError({ code: 'forbidden', message: 'live events are for callers with an authority' })
}

function parseParameters(search: URLSearchParams, names: readonly string[]): Parameters {
  const parameters: Record<string, string> = {}
  for (const [name, value] of search) {
    const shown = name.slice(0, 64)
    if (Object.hasOwn(parameters, name)) throw invalid(shown, `'${shown}' came twice`)
    if (!names.some((known) => known === name))
      throw invalid(shown, `unknown parameter '${shown}'; ${feedOf(names)} ${names.join(', ')}`)
    parameters[name] = value
  }
  return parameters
}

function feedOf(names: readonly string[]): string {
  return names === queryNames ? 'a live query, which has no order, pages or includes, takes' : 'live events take'
}

function parseCommits({ commits = 'false' }: Parameters): boolean {
  if (commits === 'true' || commits === 'false') return commits === 'true'
  throw invalid('commits', `commits expects true or false, got ${JSON.stringify(commits.slice(0, 64))}`)
}

function parseAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw invalid('after', `after expects a seq, got ${JSON.stringify(text.slice(0, 64))}`)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field, message })
}

/** Escapes JSON to ASCII, since headers hold bytes. */
function toAscii(json: string): string {
  return json.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
