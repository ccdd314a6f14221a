// The parts of the OpenAPI document that are the same for all Nouns: schemas, responses and headers that it refers to.

export type Json = Readonly<Record<string, unknown>>

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
export const jsonBody = (schema: Json): Json => ({ content: { 'application/json': { schema } } })

export function jsonResponse(description: string, schema: Json): Json {
  return { description, ...jsonBody(schema) }
}

export function entityResponse(noun: string): Json {
  return {
    description: `The ${noun}`,
    headers: {
      ETag: { $ref: '#/components/headers/ETag' },
      'X-Headlessly-Bookmark': { $ref: '#/components/headers/Bookmark' },
    },
    ...jsonBody(ref(noun)),
  }
}

export const eventsResponse: Json = { $ref: '#/components/responses/Events' }
export const problem: Json = { default: { $ref: '#/components/responses/Problem' } }

const string = { type: 'string' } as const
const timestamp = { type: 'string', format: 'date-time' } as const

/** `LogEvent` is an event of the log; `Event` is the entity. */
export const commonSchemas = {
  EntityMeta: {
    type: 'object',
    required: ['$type', '$id', '$context', '$version', '$createdAt', '$createdBy', '$updatedAt'],
    properties: {
      $type: string,
      $id: string,
      $context: { type: 'string', format: 'uri' },
      $version: { type: 'integer', minimum: 1 },
      $createdAt: timestamp,
      $createdBy: string,
      $updatedAt: timestamp,
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
      timestamp: timestamp,
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
      events: { type: 'integer', description: 'Events of the log, which is also the seq of the newest' },
      oldest: { anyOf: [timestamp, { type: 'null' }] },
      newest: { anyOf: [timestamp, { type: 'null' }] },
      entities: {
        type: 'object',
        additionalProperties: { type: 'integer' },
        description: 'Entities that exist now, by type',
      },
      files: {
        type: ['object', 'null'],
        required: ['seq', 'revision', 'lagEvents'],
        properties: {
          seq: { type: 'integer', description: 'The last event that is in the files' },
          revision: { type: 'integer' },
          lagEvents: { type: 'integer', description: 'Events that are not in the files yet' },
        },
      },
      outbox: {
        type: 'object',
        required: ['waiting', 'parked'],
        properties: {
          waiting: { type: 'integer' },
          parked: { type: 'integer', description: 'Work that was given up' },
        },
      },
    },
  },
  Rollback: {
    type: 'object',
    properties: { version: { type: 'integer', minimum: 1 }, asOf: timestamp },
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

export const responses = {
  Problem: {
    description: 'The error, with a stable code and the field at fault',
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
