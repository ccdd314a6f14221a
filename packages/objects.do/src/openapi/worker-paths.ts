// Paths in the OpenAPI document that the Worker answers itself, and that are no operations of the tenant's object.

import { headerRefs, type Json, jsonBody, problems, ref, type Responses } from './components.ts'

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

export const lakePath = {
  tags: ['lake'],
  operationId: 'lake.get',
  summary: 'Show how to attach an analytics program to the lake',
  description: "Shows the addresses and keys of the tenant's lake, and statements to paste into analytics programs.",
} as const satisfies Json

export const lakeResponses: Responses = {
  200: { description: 'Addresses, keys and statements', ...jsonBody(ref('LakePage')) },
  ...problems,
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
