// The responses and headers of the OpenAPI document, and the small pieces from which schemas are made.

export type Json = Readonly<Record<string, unknown>>

/** A response. With `component`, the document has it once, under this name. */
export interface ResponseAbout {
  readonly component?: string
  readonly description: string
  readonly headers?: Json
  readonly content?: Json
}

/** Responses by status. */
export type Responses = Readonly<Record<string, ResponseAbout>>

/** Refers to a schema that is the same for all Nouns, such as `LogEvent`. */
export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
/** Refers to the schema of a Noun's entities, or with `part` to another one of its schemas, such as `Page`. */
export const refNoun = (noun: string, part = ''): Json => ref(nounKey(noun, part))
/** The key of a Noun's schema until `nameSchemas` gives it its name. */
export const nounKey = (noun: string, part = ''): string => `${noun}:${part}`
export const jsonBody = (schema: Json): Json => ({ content: { 'application/json': { schema } } })

/** The answer of a read. */
export function jsonResponse(description: string, schema: Json): ResponseAbout {
  return { description, headers: headerRefs('X-Headlessly-Bookmark', 'X-Headlessly-Source'), ...jsonBody(schema) }
}

/** The answer of a read of one entity. `ETag` is there for a whole entity in the present. */
export function entityReadResponse(noun: string, schema: Json): ResponseAbout {
  const headers = headerRefs('ETag', 'X-Headlessly-Bookmark', 'X-Headlessly-Source')
  return { description: `The ${noun}`, headers, ...jsonBody(schema) }
}

/** The answers of a write: the whole entity. */
export function writeResponses(noun: string, status: 200 | 201): Responses {
  const written = (component: string, description: string, ...more: readonly HeaderName[]): ResponseAbout => ({
    component: `${noun}.${component}`,
    description,
    headers: headerRefs('ETag', ...writeHeaderNames, ...more),
    ...jsonBody(refNoun(noun)),
  })
  return status === 200
    ? { 200: written('changed', `The ${noun} after the change`) }
    : {
        200: written('unchanged', `The ${noun}, which the request left as it was`),
        201: written('created', `The new ${noun}`, 'Location'),
      }
}

/** The answer of a write with status 200, or of its dry run. The write's own comes first: generated parsers try it first. */
export function orDryRun(response: ResponseAbout, schema: Json): ResponseAbout {
  const description = `${response.description}; or the dry run`
  return { ...response, description, ...jsonBody({ anyOf: [schema, ref('DryRun')] }) }
}

/** The answer of a dry run of a write that has no answer with status 200 itself. */
export const dryRunResponse: ResponseAbout = {
  component: 'DryRun',
  ...jsonResponse('What the write would do', ref('DryRun')),
}

/** The answer of a write that changes several entities, or of its dry run. */
export function commitResponse(description: string, schema: string): ResponseAbout {
  return orDryRun({ description, headers: headerRefs(...writeHeaderNames) }, ref(schema))
}

/** An answer without a body. */
export function emptyResponse(component: string, description: string): ResponseAbout {
  return { component, description, headers: headerRefs(...writeHeaderNames) }
}

/** An answer with the schema of an entity type. */
export function definitionResponse(description: string, ...more: readonly HeaderName[]): ResponseAbout {
  return { description, headers: headerRefs('ETag', ...writeHeaderNames, ...more), ...jsonBody(ref('EntityType')) }
}

export const notChanged: ResponseAbout = {
  component: 'NotChanged',
  description: 'The entity still has the ETag of If-None-Match',
  headers: headerRefs('ETag', 'X-Headlessly-Bookmark'),
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
  'WWW-Authenticate': header('Names the metadata by which a client of OAuth finds where to sign in, on status 401'),
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
  'X-Headlessly-Attempts': header('Number of times that a function ran, since others changed what it had read', {
    type: 'integer',
    minimum: 1,
  }),
} as const

export type HeaderName = keyof typeof headers

export function headerRefs(...names: readonly HeaderName[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

const problem: ResponseAbout = {
  component: 'Problem',
  description: 'The error, with a stable code and the field at fault',
  headers: headerRefs(...problemHeaders),
  content: { 'application/problem+json': { schema: ref('Problem') } },
}
const refused = (component: string, description: string, ...names: readonly HeaderName[]): ResponseAbout => ({
  ...problem,
  component,
  description,
  headers: headerRefs(...names, ...problemHeaders),
})
export const problems: Responses = {
  401: refused('Unauthorized', 'The key or token is not valid, or nobody is signed in', 'WWW-Authenticate'),
  403: refused('Forbidden', 'The caller does not have the right'),
  '4XX': problem,
  '5XX': problem,
}
export const eventsResponse: ResponseAbout = {
  component: 'Events',
  ...jsonResponse('One page', ref('LogEventPage')),
}
