// `POST /do` in the OpenAPI document. The Worker answers it; it is not an operation of the tenant's object.

import { type Json, jsonBody, problem } from './components.ts'

export const codePath = {
  tags: ['code'],
  operationId: 'do',
  summary: 'Run a function next to the data; each of its writes is a separate commit',
  requestBody: {
    required: true,
    ...jsonBody({
      type: 'object',
      required: ['code'],
      additionalProperties: false,
      properties: {
        code: { type: 'string', description: 'The source of one function: async ($) => $.Contact.count()' },
        given: { description: "The function's second argument" },
      },
    }),
  },
  responses: {
    200: {
      description: "The function's result, and its console output",
      ...jsonBody({
        type: 'object',
        required: ['result', 'logs'],
        properties: {
          result: { description: 'null if JSON cannot express it' },
          exceptions: {
            type: 'array',
            description: 'Values in the result that JSON cannot express',
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
    ...problem,
  },
} as const satisfies Json
