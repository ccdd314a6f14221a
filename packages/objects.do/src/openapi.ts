// OpenAPI 3.1 from Nouns: nothing here names an entity, so a tenant's own Nouns describe themselves.

import { type NounSchema, type StoredField, type Verb } from 'digital-objects'
import { fieldSchema } from './openapi-field.ts'
import { commonSchemas, headers, type Json, jsonBody, parameters, ref, responses } from './openapi-components.ts'

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
