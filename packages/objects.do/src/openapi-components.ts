// What the document says once and refers to: the shapes of answers, parameters and headers that no Noun decides.

export type Json = Readonly<Record<string, unknown>>

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
export const jsonBody = (schema: Json): Json => ({ content: { 'application/json': { schema } } })

const string = { type: 'string' } as const
const moment = { type: 'string', format: 'date-time' } as const

/** The log's event has a name of its own beside the entity `Event`. */
export const commonSchemas = {
  EntityMeta: {
    type: 'object',
    required: ['$type', '$id', '$context', '$version', '$createdAt', '$createdBy', '$updatedAt'],
    properties: {
      $type: string,
      $id: string,
      $context: { type: 'string', format: 'uri' },
      $version: { type: 'integer', minimum: 1 },
      $createdAt: moment,
      $createdBy: string,
      $updatedAt: moment,
    },
  },
  LogEvent: {
    type: 'object',
    required: [
      'format',
      'id',
      'seq',
      'commit',
      'type',
      'target',
      'version',
      'timestamp',
      'actor',
      'via',
      'noun',
      'data',
      'changes',
    ],
    properties: {
      format: { const: 1 },
      id: string,
      seq: { type: 'integer' },
      commit: { type: 'integer' },
      type: string,
      target: string,
      version: { type: 'integer' },
      timestamp: moment,
      actor: string,
      onBehalfOf: string,
      via: string,
      causedBy: string,
      noun: string,
      data: ref('EntityMeta'),
      changes: { type: 'object' },
    },
  },
  Status: {
    type: 'object',
    required: ['$type', 'tenant', 'context', 'bookmark', 'events', 'oldest', 'newest', 'entities', 'files', 'outbox'],
    properties: {
      $type: { const: 'Status' },
      tenant: string,
      context: { type: 'string', format: 'uri' },
      bookmark: string,
      events: { type: 'integer', description: 'Of the log: also the seq of the newest' },
      oldest: { anyOf: [moment, { type: 'null' }] },
      newest: { anyOf: [moment, { type: 'null' }] },
      entities: { type: 'object', additionalProperties: { type: 'integer' }, description: 'Those that live, by type' },
      files: {
        type: ['object', 'null'],
        required: ['seq', 'revision', 'lagEvents'],
        properties: {
          seq: { type: 'integer', description: 'Events up to here are in the files' },
          revision: { type: 'integer' },
          lagEvents: { type: 'integer', description: 'Events that the files lack' },
        },
      },
      outbox: {
        type: 'object',
        required: ['waiting', 'parked'],
        properties: { waiting: { type: 'integer' }, parked: { type: 'integer', description: 'Given up' } },
      },
    },
  },
  Rollback: {
    type: 'object',
    properties: { version: { type: 'integer', minimum: 1 }, asOf: moment },
    minProperties: 1,
    maxProperties: 1,
  },
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: string,
      title: string,
      status: { type: 'integer' },
      detail: string,
      code: string,
      field: string,
      requestId: string,
      errors: { type: 'array', items: { type: 'object', properties: { field: string, message: string } } },
    },
  },
}

function query(name: string, schema: Json, description: string): Json {
  return { name, in: 'query', schema, description }
}

export const parameters = {
  filter: query(
    'filter',
    string,
    'JSON such as {"stage":"Lead","value":{"$gt":1000}}; bare field parameters are equalities beside it',
  ),
  sort: query('sort', string, 'Fields with commas, - for descending: -value,name'),
  limit: query('limit', { type: 'integer', minimum: 1, maximum: 100, default: 25 }, 'Entities a page'),
  cursor: query('cursor', string, 'Of the page before'),
  include: query('include', string, 'Relations with commas, one level'),
  fields: query('fields', string, 'Fields with commas; $type and $id always come'),
  asOf: query('asOf', moment, 'What was true then'),
  strong: query('strong', { type: 'boolean' }, 'Read the newest committed state'),
  count: query('count', { const: 'exact' }, 'A total beyond 10,000'),
  after: query('after', { type: 'integer', minimum: 0 }, 'A seq: what came after it'),
  eventLimit: query('limit', { type: 'integer', minimum: 1, maximum: 1000 }, 'Events a page'),
  eventType: query('type', string, 'A pattern: Deal.*, *.Created, Deal.Won'),
  entity: query('entity', string, 'Events of one entity, by its id'),
  actor: query('actor', { type: 'string', minLength: 1, maxLength: 256 }, 'Events of one actor: who did it'),
  from: query('from', string, 'A version or a moment'),
  to: query('to', string, 'A version or a moment'),
  bookmark: { name: 'X-Headlessly-Bookmark', in: 'header', schema: string, description: 'The newest one seen' },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    schema: { type: 'string', maxLength: 255 },
    description: 'The same request under it is done once',
  },
  ifMatch: { name: 'If-Match', in: 'header', schema: string, description: 'The ETag that the entity must have' },
  ifNoneMatch: { name: 'If-None-Match', in: 'header', schema: string },
}

export const responses = {
  Problem: {
    description: 'What is wrong, with a stable code and the field at fault',
    content: { 'application/problem+json': { schema: ref('Problem') } },
  },
  Events: {
    description: 'One page',
    ...jsonBody({
      type: 'object',
      required: ['results', 'hasMore', 'cursor'],
      properties: {
        results: { type: 'array', items: ref('LogEvent') },
        hasMore: { type: 'boolean' },
        cursor: { type: ['string', 'null'] },
      },
    }),
  },
}

export const headers = {
  ETag: { schema: string, description: 'The version, quoted' },
  Bookmark: { schema: string, description: 'The point of the log that the answer reflects' },
}
