// Paths in the OpenAPI document that the Worker answers itself, and that are no operations of the tenant's object.

import type { NounSchema } from 'digital-objects'
import { headerRefs, type Json, jsonBody, problems, ref, type ResponseAbout, type Responses } from './components.ts'
import type { Method } from './operation.ts'
import { after, filter } from './parameters.ts'
import type { PathItems } from './path-items.ts'

export const codePath = {
  tags: ['code'],
  operationId: 'do',
  summary: 'Run a function next to the data',
  description: 'Runs a function next to the data; all its writes are one commit, or none if it fails.',
  requestBody: { required: true, ...jsonBody(ref('CodeRequest')) },
} as const satisfies Json

export const codeResponses: Responses = {
  200: {
    description: "The function's result, and its console output",
    headers: headerRefs('X-Headlessly-Bookmark', 'X-Headlessly-Commit', 'X-Headlessly-Attempts'),
    ...jsonBody(ref('CodeResult')),
  },
  ...problems,
}

interface WorkerPath {
  readonly path: string
  readonly method: Method
  readonly tag: string
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly body?: Json
  readonly answer: ResponseAbout
}

const textOf = (mediaType: string): Json => ({ content: { [mediaType]: { schema: { type: 'string' } } } })

const workerPaths: readonly WorkerPath[] = [
  {
    path: '/lake',
    method: 'GET',
    tag: 'lake',
    operationId: 'lake.get',
    summary: 'Show how to attach an analytics program to the lake',
    description: "Shows the addresses and keys of the tenant's lake, and statements to paste into analytics programs.",
    answer: { description: 'Addresses, keys and statements', ...jsonBody(ref('LakePage')) },
  },
  {
    path: '/archive',
    method: 'GET',
    tag: 'lake',
    operationId: 'archive.get',
    summary: 'Write the whole tenant as one file',
    description: 'Writes the whole tenant without its secrets as a tar file, for callers with full authority.',
    answer: { description: 'The archive', content: { 'application/x-tar': { schema: {} } } },
  },
  {
    path: '/llms.txt',
    method: 'GET',
    tag: 'schema',
    operationId: 'llms.get',
    summary: 'Describe the tenant to language models',
    description: 'Describes entity types, fields, verbs and calls to language models.',
    answer: { description: 'The text', ...textOf('text/plain') },
  },
  {
    path: '/ticket',
    method: 'POST',
    tag: 'access',
    operationId: 'sockets.ticket',
    summary: 'Exchange a key for a ticket',
    description:
      'Exchanges a key for a ticket, with which one WebSocket can be opened within 30 s, as its parameter ticket.',
    answer: { description: 'The ticket', ...jsonBody({}) },
  },
  {
    path: '/invitations',
    method: 'POST',
    tag: 'access',
    operationId: 'invitations.create',
    summary: 'Invite a person',
    description: 'Invites a person to the tenant; the answer has the link, unless the server mails it.',
    body: {
      required: true,
      ...jsonBody({
        type: 'object',
        required: ['email'],
        additionalProperties: false,
        properties: {
          email: { type: 'string', description: 'Address of the person.' },
          name: { type: 'string', description: 'Name of the person.' },
          role: { type: 'string', description: 'Role that the person gets.' },
        },
      }),
    },
    answer: { description: 'The invitation', ...jsonBody({ type: 'object' }) },
  },
]

const liveAbout =
  'Sends what enters, changes in and leaves the list of entities that match, with each commit: as server-sent events with Accept: text/event-stream, or over a WebSocket.'

/** The same paths, as a guide lists them. */
export const workerCalls: readonly { readonly method: Method; readonly path: string; readonly about: string }[] = [
  { method: 'GET', path: '/{Noun}/live', about: liveAbout },
  ...workerPaths.map(({ method, path, description }) => ({ method, path, about: description })),
]

/** Paths of the tenant that the front door has without a service, and that follow the rules of this API. */
export function addWorkerPaths(paths: PathItems): void {
  for (const { path, method, tag, body, answer, ...operation } of workerPaths)
    paths.add(path, {
      method,
      operation: {
        tags: [tag],
        ...operation,
        ...(body === undefined ? {} : { requestBody: body }),
        responses: paths.responses({ [method === 'GET' ? '200' : '2XX']: answer, ...problems }),
      },
    })
}

/** The path of a Noun's live query. */
export function liveQueryOf(paths: PathItems, noun: NounSchema): Json {
  return {
    tags: [noun.name],
    operationId: `${noun.name}.live`,
    summary: `Follow the ${noun.name} entities that match a filter`,
    description: liveAbout,
    parameters: paths.parameters({ filter, after }, noun),
    responses: paths.responses({
      200: { description: 'The changes, while they are committed', ...textOf('text/event-stream') },
      ...problems,
    }),
  }
}

export const codeSchemas = {
  CodeRequest: {
    type: 'object',
    description: 'A function and its argument.',
    required: ['code'],
    additionalProperties: false,
    properties: {
      code: { type: 'string', minLength: 1, description: 'Source of one function: async ($) => $.Contact.count().' },
      given: { description: "The function's second argument." },
      atomic: { type: 'boolean', default: true, description: 'False to make each write a commit of its own, at once.' },
      dryRun: { type: 'boolean', default: false, description: 'True to write nothing, and see what would be written.' },
    },
  },
  CodeResult: {
    type: 'object',
    description: 'The result of a function that ran next to the data.',
    required: ['result', 'logs'],
    properties: {
      result: { description: 'Result of the function, null if JSON cannot express it.' },
      exceptions: {
        type: 'array',
        description: 'Values in the result that JSON cannot express.',
        items: ref('JsonException'),
      },
      logs: { type: 'array', items: { type: 'string' }, description: 'Lines that the function printed.' },
      dryRun: { type: 'boolean', description: 'True if nothing was written.' },
      events: { type: 'array', items: ref('LogEvent'), description: 'The events that a dry run would write.' },
      refusals: {
        type: 'array',
        items: { type: 'object', additionalProperties: true },
        description: 'The error with which a dry run would fail.',
      },
      plan: {
        type: ['string', 'null'],
        description: 'Identifier under which the writes of a dry run can be made, without running the code again.',
      },
      approval: {
        type: 'array',
        items: ref('ApprovalReason'),
        description: 'The changes of a dry run for which a person would have to give consent.',
      },
    },
  },
  JsonException: {
    type: 'object',
    description: 'A value in a result that JSON cannot express.',
    required: ['path', 'value'],
    properties: {
      path: {
        type: 'array',
        items: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
        description: 'Keys and positions that lead to the value.',
      },
      value: {
        type: 'string',
        enum: ['undefined', 'NaN', 'Infinity', '-Infinity', '-0'],
        description: 'The value.',
      },
    },
  },
} as const satisfies Json
