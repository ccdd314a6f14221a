// The responses and headers of the OpenAPI document, and the small pieces from which schemas are made.

export type Json = Readonly<Record<string, unknown>>

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
export const jsonBody = (schema: Json): Json => ({ content: { 'application/json': { schema } } })

/** The answer of a read. */
export function jsonResponse(description: string, schema: Json): Json {
  return { description, headers: headerRefs('X-Headlessly-Bookmark', 'X-Headlessly-Source'), ...jsonBody(schema) }
}

/** The answer of a read of one entity. `ETag` is there for a whole entity in the present. */
export function entityReadResponse(noun: string, schema: Json): Json {
  const headers = headerRefs('ETag', 'X-Headlessly-Bookmark', 'X-Headlessly-Source')
  return { description: `The ${noun}`, headers, ...jsonBody(schema) }
}

/** The answers of a write: the whole entity. */
export function writeResponses(noun: string, status: 200 | 201): Json {
  const unchanged = { description: `The ${noun}, which the request left as it was`, ...writtenBody(noun) }
  const changed = { description: `The ${noun} after the change`, ...writtenBody(noun) }
  const created = { description: `The new ${noun}`, ...writtenBody(noun, 'Location') }
  return status === 201 ? { 200: unchanged, 201: created } : { 200: changed }
}

/** An answer without a body. */
export function emptyResponse(description: string): Json {
  return { description, headers: headerRefs(...writeHeaderNames) }
}

/** An answer with the schema of an entity type. */
export function definitionResponse(description: string, ...more: readonly HeaderName[]): Json {
  return { description, headers: headerRefs('ETag', ...writeHeaderNames, ...more), ...jsonBody(ref('EntityType')) }
}

export const notChanged: Json = {
  description: 'The entity still has the ETag of If-None-Match',
  headers: headerRefs('ETag', 'X-Headlessly-Bookmark'),
}
export const eventsResponse: Json = { $ref: '#/components/responses/EventsAnswer' }
export const problems: Json = {
  '4XX': { $ref: '#/components/responses/ProblemAnswer' },
  '5XX': { $ref: '#/components/responses/ProblemAnswer' },
}

/** The properties at the end of a page. */
export const pageEnd = {
  hasMore: { type: 'boolean', description: 'True if another page follows.' },
  cursor: { type: ['string', 'null'], description: 'Cursor of the next page, null if there is none.' },
} as const satisfies Json

const problemHeaders = ['X-Request-Id', 'X-Headlessly-Bookmark', 'Retry-After', 'Allow'] as const
const writeHeaderNames = [
  'X-Headlessly-Bookmark',
  'X-Headlessly-Commit',
  'X-Headlessly-Changed',
  'Idempotent-Replay',
] as const

const header = (description: string, schema: Json = { type: 'string' }): Json => ({ description, schema })

export const headers = {
  ETag: header('The version of the entity, quoted', { type: 'string', pattern: '^"[1-9][0-9]*"$' }),
  Location: header('The path of the new entity or definition', { type: 'string', format: 'uri-reference' }),
  Allow: header('The methods of the path, on status 405'),
  'Retry-After': header('Seconds to wait before the next attempt, on status 503', { type: 'integer', minimum: 0 }),
  'Idempotent-Replay': header('True if an earlier request with the same Idempotency-Key did the work', {
    type: 'string',
    const: 'true',
  }),
  'X-Request-Id': header('Identifier of the request, for reports of faults'),
  'X-Headlessly-Bookmark': header('The point of the log that the answer reflects', {
    type: 'string',
    pattern: '^[0-9a-z]{1,32}[.][0-9]{1,15}$',
  }),
  'X-Headlessly-Source': header('The part of the server that answered: object, log, files or cache'),
  'X-Headlessly-Commit': header('The commit of the write, or the last one of an entity that it left as it was', {
    type: 'integer',
    minimum: 0,
  }),
  'X-Headlessly-Changed': header('False if the request changed nothing', { type: 'string', const: 'false' }),
} as const

export type HeaderName = keyof typeof headers

function headerRefs(...names: readonly HeaderName[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

function writtenBody(noun: string, ...more: readonly HeaderName[]): Json {
  return { headers: headerRefs('ETag', ...writeHeaderNames, ...more), ...jsonBody(ref(noun)) }
}

export const responses = {
  ProblemAnswer: {
    description: 'The error, with a stable code and the field at fault',
    headers: headerRefs(...problemHeaders),
    content: { 'application/problem+json': { schema: ref('Problem') } },
  },
  EventsAnswer: jsonResponse('One page', ref('LogEventPage')),
}
