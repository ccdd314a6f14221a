// OpenAPI 3.1 from Nouns: nothing here names an entity, so a tenant's own Nouns describe themselves.

import { type NounSchema, type StoredField, type Verb } from 'digital-objects'

type Json = Readonly<Record<string, unknown>>

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
const jsonBody = (schema: Json): Json => ({ content: { 'application/json': { schema } } })
const parameter = (name: string): Json => ({ $ref: `#/components/parameters/${name}` })
const response = (name: string): Json => ({ $ref: `#/components/responses/${name}` })

export function nounsToOpenApi(options: { readonly nouns: readonly NounSchema[]; readonly tenantUrl: string }): Json {
  const { nouns, tenantUrl } = options
  return {
    openapi: '3.1.0',
    info: {
      title: 'headless.ly',
      version: '0.1.0',
      description: 'Typed entities in one graph; every change an immutable event; any past moment readable.',
    },
    servers: [{ url: tenantUrl }],
    tags: nouns.map(({ name }) => ({ name })),
    paths: { ...Object.assign({}, ...nouns.map(nounPaths)), ...logPaths(), ...codePaths },
    components: {
      schemas: { ...Object.assign({}, ...nouns.map(nounSchemas)), ...commonSchemas },
      parameters,
      responses,
      headers,
    },
  }
}

function nounPaths(noun: NounSchema): Json {
  const { name } = noun
  const id = {
    name: 'id',
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: `^${noun.idPrefix}_[0-9A-Za-z]{12}$` },
  }
  const operation = (verb: string, summary: string): Json => ({ tags: [name], operationId: `${name}.${verb}`, summary })
  const listParameters = [
    'filter',
    'sort',
    'limit',
    'cursor',
    'include',
    'fields',
    'asOf',
    'strong',
    'count',
    'bookmark',
  ].map(parameter)
  const page = {
    type: 'object',
    required: ['results', 'total', 'hasMore', 'cursor'],
    properties: {
      results: { type: 'array', items: ref(name) },
      total: { type: ['integer', 'null'] },
      hasMore: { type: 'boolean' },
      cursor: { type: ['string', 'null'] },
    },
  }
  const entity = {
    description: `The ${name}`,
    headers: {
      ETag: { $ref: '#/components/headers/ETag' },
      'X-Headlessly-Bookmark': { $ref: '#/components/headers/Bookmark' },
    },
    ...jsonBody(ref(name)),
  }
  const collection: Record<string, Json> = {
    get: {
      ...operation('find', `List ${name} entities`),
      parameters: listParameters,
      responses: { 200: { description: 'One page', ...jsonBody(page) }, default: response('Problem') },
    },
  }
  const single: Record<string, Json> = {
    get: {
      ...operation('get', `Read one ${name}`),
      parameters: ['include', 'fields', 'asOf', 'strong', 'ifNoneMatch', 'bookmark'].map(parameter),
      responses: { 200: entity, 304: { description: 'Not changed' }, default: response('Problem') },
    },
  }
  const write = (verb: string, summary: string, input: string): Json => ({
    ...operation(verb, summary),
    parameters: ['idempotencyKey', 'ifMatch', 'bookmark'].map(parameter),
    requestBody: { required: false, ...jsonBody(ref(input)) },
    responses: { 200: entity, default: response('Problem') },
  })
  const { verbs } = noun
  if (Object.hasOwn(verbs, 'create')) {
    collection['post'] = {
      ...write('create', `Create a ${name}`, `${name}Create`),
      requestBody: { required: true, ...jsonBody(ref(`${name}Create`)) },
      responses: { 201: entity, default: response('Problem') },
    }
  }
  if (Object.hasOwn(verbs, 'update'))
    single['patch'] = write('update', `Replace fields of a ${name}; null clears one`, `${name}Update`)
  if (Object.hasOwn(verbs, 'delete')) {
    single['delete'] = {
      ...operation('delete', `Delete a ${name}; its past stays`),
      parameters: ['idempotencyKey', 'ifMatch'].map(parameter),
      responses: { 204: { description: 'Deleted' }, default: response('Problem') },
    }
  }
  const custom = Object.values(verbs).filter((verb) => verb.category === 'custom')
  const base = `/${name}/{id}`
  return {
    [`/${name}`]: collection,
    [`/${name}/count`]: {
      get: {
        ...operation('count', `Count ${name} entities`),
        parameters: ['filter', 'asOf'].map(parameter),
        responses: {
          200: {
            description: 'How many',
            ...jsonBody({ type: 'object', required: ['count'], properties: { count: { type: ['integer', 'null'] } } }),
          },
          default: response('Problem'),
        },
      },
    },
    [base]: { parameters: [id], ...single },
    [`${base}/history`]: {
      parameters: [id],
      get: {
        ...operation('history', `The events of one ${name}, oldest first`),
        parameters: ['after', 'eventLimit'].map(parameter),
        responses: { 200: response('Events'), default: response('Problem') },
      },
    },
    [`${base}/diff`]: {
      parameters: [id],
      get: {
        ...operation('diff', `One ${name} at two points`),
        parameters: ['from', 'to'].map(parameter),
        responses: {
          200: { description: 'Before, after and what lies between', ...jsonBody({ type: 'object' }) },
          default: response('Problem'),
        },
      },
    },
    ...(Object.hasOwn(verbs, 'update')
      ? {
          [`${base}/rollback`]: {
            parameters: [id],
            post: write('rollback', `Bring a ${name} back to an earlier state`, 'Rollback'),
          },
        }
      : {}),
    ...Object.fromEntries(
      custom.map((verb) => [`${base}/${verb.name}`, { parameters: [id], post: verbOperation(write, name, verb) }]),
    ),
    ...Object.fromEntries(
      custom
        .filter((verb) => verb.effect.creates === true)
        .map((verb) => [
          `/${name}/${verb.name}`,
          {
            post: {
              ...verbOperation(write, name, verb),
              operationId: `${name}.${verb.name}.create`,
              responses: { 201: entity, default: response('Problem') },
            },
          },
        ]),
    ),
  }
}

function verbOperation(write: (verb: string, summary: string, input: string) => Json, name: string, verb: Verb): Json {
  return write(verb.name, `${verb.name} a ${name}: emits ${name}.${verb.event}`, `${name}Arguments`)
}

function nounSchemas(noun: NounSchema): Json {
  const { name } = noun
  const stored = Object.values(noun.fields).filter((field): field is StoredField => field.kind !== 'reverse')
  const values = Object.fromEntries(stored.map((field) => [field.name, fieldSchema(field)]))
  const nullable = Object.fromEntries(
    stored.map((field) => [
      field.name,
      field.required ? fieldSchema(field) : { anyOf: [fieldSchema(field), { type: 'null' }] },
    ]),
  )
  const required = stored.filter((field) => field.required && !('default' in field)).map((field) => field.name)
  return {
    [name]: { allOf: [ref('EntityMeta'), { type: 'object', properties: { $type: { const: name }, ...values } }] },
    [`${name}Create`]: { type: 'object', properties: nullable, ...(required.length === 0 ? {} : { required }) },
    [`${name}Update`]: { type: 'object', properties: nullable },
    [`${name}Arguments`]: {
      type: 'object',
      properties: nullable,
      description: 'Fields to set with the verb, and arguments of its own.',
    },
  }
}

function fieldSchema(field: StoredField): Json {
  switch (field.kind) {
    case 'enum':
      return { type: 'string', enum: field.values, ...(field.default === undefined ? {} : { default: field.default }) }
    case 'reference':
      return {
        type: 'string',
        pattern: `^(${field.to.map((target) => target.toLowerCase()).join('|')})_[0-9A-Za-z]{12}$`,
        description: `The id of a ${field.to.join(' or ')}`,
      }
    case 'data':
      return { ...dataSchemas[field.type], ...(field.default === undefined ? {} : { default: field.default }) }
    default:
      return {}
  }
}

const dataSchemas = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  datetime: { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' },
  json: {},
  url: { type: 'string', format: 'uri' },
  email: { type: 'string', format: 'email' },
  id: { type: 'string', pattern: '^[a-z][a-z0-9]*_[0-9A-Za-z]{12}$' },
} as const satisfies Readonly<Record<string, Json>>

const codePaths: Json = {
  '/do': {
    post: {
      tags: ['code'],
      operationId: 'do',
      summary: 'Run a function next to the data; each of its writes is a commit of its own',
      parameters: ['idempotencyKey', 'bookmark'].map(parameter),
      requestBody: {
        required: true,
        ...jsonBody({
          type: 'object',
          required: ['code'],
          additionalProperties: false,
          properties: {
            code: { type: 'string', description: 'The source of one function: async ($) => $.Contact.count()' },
            given: { description: 'Its second argument' },
          },
        }),
      },
      responses: {
        200: {
          description: 'What the function gave, and what it wrote to the console',
          ...jsonBody({
            type: 'object',
            required: ['result', 'logs'],
            properties: {
              result: { description: 'null where JSON has no word for it' },
              exceptions: {
                type: 'array',
                description: 'Where in the result is what JSON has no word for',
                items: {
                  type: 'object',
                  required: ['path', 'value'],
                  properties: {
                    path: { type: 'array', items: { type: ['string', 'integer'] } },
                    value: { enum: ['undefined', 'NaN', 'Infinity', '-Infinity', '-0'] },
                  },
                },
              },
              logs: { type: 'array', items: { type: 'string' } },
            },
          }),
        },
        default: response('Problem'),
      },
    },
  },
}

function logPaths(): Json {
  return {
    '/events': {
      get: {
        tags: ['log'],
        operationId: 'events.list',
        summary: 'The log, oldest first; by WebSocket or as text/event-stream, live',
        parameters: ['after', 'eventLimit', 'eventType', 'entity', 'actor'].map(parameter),
        responses: { 200: response('Events'), default: response('Problem') },
      },
    },
    '/events/{id}': {
      parameters: [
        { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^evt_[0-9A-Za-z]{12}$' } },
      ],
      get: {
        tags: ['log'],
        operationId: 'events.get',
        summary: 'One event',
        responses: { 200: { description: 'The event', ...jsonBody(ref('LogEvent')) }, default: response('Problem') },
      },
    },
    '/status': {
      get: {
        tags: ['status'],
        operationId: 'status.get',
        summary: 'How much there is, how far the files are, what is owed',
        responses: { 200: { description: 'The status', ...jsonBody(ref('Status')) }, default: response('Problem') },
      },
    },
    '/schema': {
      get: {
        tags: ['schema'],
        operationId: 'schema.list',
        summary: 'All entities: fields, relations, verbs',
        responses: { 200: { description: 'By name', ...jsonBody({ type: 'object' }) } },
      },
    },
  }
}

const string = { type: 'string' } as const
const moment = { type: 'string', format: 'date-time' } as const

/** The log's event has a name of its own beside the entity `Event`. */
const commonSchemas = {
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

const parameters = {
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

const responses = {
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

const headers = {
  ETag: { schema: string, description: 'The version, quoted' },
  Bookmark: { schema: string, description: 'The point of the log that the answer reflects' },
}
