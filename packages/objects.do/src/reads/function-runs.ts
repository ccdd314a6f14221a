// `functions.runs`: lists the runs of a stored function that its trigger has started, newest last.

import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { parseCount } from '../entities/parameters.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

const limitMax = 200

export const functionRuns = defineRead({
  name: 'functions.runs',
  about: 'List the runs of a stored function in the last 7 days, at most 200, oldest first',
  path: '/functions/{id}/runs',
  listedAs: { tag: 'code', operationId: 'functions.runs' },
  parameters: {
    limit: { about: 'Runs per page, 100 by default', schema: { type: 'integer', minimum: 1, maximum: limitMax } },
    cursor: { about: 'The cursor of the previous page', schema: { type: 'string', pattern: '^[0-9]{17}$' } },
  },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('Runs of the function', ref('FunctionRunPage')) }),

  parse: ({ id = '', parameters }) => ({
    name: id,
    limit: parseCount(parameters, { name: 'limit', fallback: 100, min: 1, max: limitMax, code: 'invalid_limit' }),
    after: parameters['cursor'],
  }),

  answer({ store, recorder }, { request: { name, limit, after }, caller }) {
    requireFullAuthority(caller, 'runs of functions')
    recorder?.log()
    const prefix = `function-run:${name}:`
    const position = after === undefined ? undefined : prefix + after
    const found = store.isReady ? store.keys.values.list({ prefix, after: position, limit: limit + 1 }) : []
    const shown = found.slice(0, limit)
    const cursor = found.length > limit ? (shown.at(-1)?.key.slice(prefix.length) ?? null) : null
    const results = shown.map(({ value }) => value).join(',')
    return {
      body: `{"results":[${results}],"hasMore":${cursor !== null},"cursor":${JSON.stringify(cursor)}}`,
      source: 'object',
    }
  },
})
