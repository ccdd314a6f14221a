// The paths of stored functions in the OpenAPI document, which the Worker answers.

import {
  dryRunResponse,
  emptyResponse,
  headerRefs,
  type Json,
  jsonBody,
  orDryRun,
  problems,
  ref,
  type ResponseAbout,
  type Responses,
} from './components.ts'
import { codeResponses } from './worker-paths.ts'
import type { Method } from './operation.ts'
import type { ParametersAbout } from './parameter.ts'
import { createHeaders, cursor, limit, writeParameters } from './parameters.ts'

interface FunctionPath {
  readonly path: string
  readonly method: Method
  readonly operation: Json
  readonly parameters: ParametersAbout
  readonly responses: Responses
}

const headers = headerRefs('X-Headlessly-Bookmark')
const answerOf = (description: string, schema: string): ResponseAbout => ({
  description,
  headers,
  ...jsonBody(ref(schema)),
})
const stored = answerOf('The function', 'StoredFunction')
const changed = orDryRun(stored, ref('StoredFunction'))
const one = '/functions/{name}'
const { 'Idempotency-Key': idempotencyKey } = writeParameters
/** The document's text tells of dryRun, as for other writes of entities. */
const written: ParametersAbout = { 'Idempotency-Key': idempotencyKey }

export const functionPaths: readonly FunctionPath[] = [
  {
    path: '/functions',
    method: 'GET',
    operation: about('functions.list', 'List the stored functions'),
    parameters: { limit, cursor },
    responses: { 200: answerOf('Stored functions by name', 'StoredFunctionPage'), ...problems },
  },
  {
    path: one,
    method: 'GET',
    operation: about('functions.get', 'Read a stored function'),
    parameters: {},
    responses: { 200: stored, ...problems },
  },
  {
    path: one,
    method: 'PUT',
    operation: {
      ...about('functions.put', 'Store a function under a name; the same source again changes nothing'),
      requestBody: { required: true, ...jsonBody(ref('FunctionSource')) },
    },
    parameters: written,
    responses: { 200: changed, 201: stored, ...problems },
  },
  {
    path: one,
    method: 'DELETE',
    operation: about('functions.delete', 'Remove a stored function'),
    parameters: written,
    responses: {
      200: dryRunResponse,
      204: emptyResponse('FunctionRemoved', 'The function is removed'),
      ...problems,
    },
  },
  {
    path: `${one}/run`,
    method: 'POST',
    operation: {
      ...about('functions.run', 'Run a stored function with the rights of its caller'),
      requestBody: { required: false, ...jsonBody(ref('FunctionCall')) },
    },
    parameters: createHeaders,
    responses: codeResponses,
  },
]

function about(operationId: string, summary: string): Json {
  return { tags: ['code'], operationId, summary, description: `${summary}.` }
}

export const functionName: Json = {
  name: 'name',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,62}$' },
  description: 'Name of the function.',
}

const trigger = {
  on: {
    type: 'string',
    minLength: 1,
    description: 'What makes it run: Contact.qualifying, Contact.qualified, or events such as Deal.*.',
  },
  schedule: { type: 'string', minLength: 1, description: 'Times at which it runs, as cron of five fields in UTC.' },
  description: { type: 'string', minLength: 1, description: 'Text about what the function does.' },
  source: { type: 'string', minLength: 1, description: 'Source of one function in TypeScript or JavaScript.' },
} as const

export const functionSchemas = {
  FunctionSource: {
    type: 'object',
    description: 'A function to store.',
    required: ['source'],
    additionalProperties: false,
    properties: trigger,
  },
  FunctionCall: {
    type: 'object',
    description: 'The argument of a stored function.',
    additionalProperties: false,
    properties: {
      given: { description: "The function's second argument." },
      atomic: { type: 'boolean', default: true, description: 'False to make each write a commit of its own, at once.' },
      dryRun: { type: 'boolean', default: false, description: 'True to write nothing, and see what would be written.' },
    },
  },
  StoredFunction: {
    type: 'object',
    description: 'A stored function.',
    additionalProperties: true,
    properties: { name: { type: 'string', description: 'Name of the function.' }, ...trigger },
  },
  FunctionRun: {
    type: 'object',
    description: 'A run of a stored function.',
    required: ['at', 'ms', 'ok', 'logs'],
    properties: {
      at: { type: 'string', format: 'date-time', description: 'Time the run began.' },
      ms: { type: 'integer', minimum: 0, description: 'Milliseconds that it took.' },
      ok: { type: 'boolean', description: 'True if it ended well.' },
      cause: { type: 'string', description: 'Identifier of the event that it handled, or the time of its schedule.' },
      error: { type: 'string', description: 'Reason of the failure.' },
      line: { type: 'integer', description: 'Line of the source that failed.' },
      logs: { type: 'array', items: { type: 'string' }, description: 'Lines that the function printed.' },
    },
  },
  FunctionRunPage: {
    type: 'object',
    description: 'A page of runs of a stored function.',
    required: ['results', 'hasMore', 'cursor'],
    properties: {
      results: { type: 'array', items: ref('FunctionRun'), description: 'The runs, oldest first.' },
      hasMore: { type: 'boolean', description: 'True if there are more.' },
      cursor: { type: ['string', 'null'], description: 'Position of the next page.' },
    },
  },
  StoredFunctionPage: {
    type: 'object',
    description: 'A page of stored functions.',
    required: ['results', 'hasMore', 'cursor'],
    properties: {
      results: { type: 'array', items: ref('StoredFunction'), description: 'The functions.' },
      hasMore: { type: 'boolean', description: 'True if there are more.' },
      cursor: { type: ['string', 'null'], description: 'Position of the next page.' },
    },
  },
} as const satisfies Json
