// `functions.runs` and `webhooks.deliveries`: list what a service has logged of one of its entities, oldest first. The services
// write these logs into `values` under a prefix and the time of each entry.

import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { parseCount } from '../entities/parameters.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead, type Read, type ReadDefinition } from './read.ts'

const limitMax = 200

interface ServiceLog extends Pick<ReadDefinition<unknown>, 'name' | 'about' | 'path'> {
  readonly tag: string
  /** The entries in the plural, as a refusal and the document name them: `runs of functions`. */
  readonly entries: string
  /** Begins the key of each entry, before the id from the path; the service has the same. */
  readonly keyPrefix: string
  /** The schema of a page. */
  readonly page: string
}

function readServiceLog({ name, about, path, tag, entries, keyPrefix, page }: ServiceLog): Read {
  return defineRead({
    name,
    about,
    path,
    listedAs: { tag, operationId: name },
    parameters: {
      limit: { about: 'Entries per page, 100 by default', schema: { type: 'integer', minimum: 1, maximum: limitMax } },
      cursor: { about: 'The cursor of the previous page', schema: { type: 'string', pattern: '^[0-9]{17}$' } },
    },
    headers: readHeaders,
    responses: () => ({ 200: jsonResponse(`A page of the ${entries}`, ref(page)) }),

    parse: ({ id = '', parameters }) => ({
      prefix: `${keyPrefix}:${id}:`,
      limit: parseCount(parameters, { name: 'limit', fallback: 100, min: 1, max: limitMax, code: 'invalid_limit' }),
      after: parameters['cursor'],
    }),

    answer({ store, recorder }, { request: { prefix, limit, after }, caller }) {
      requireFullAuthority(caller, entries)
      recorder?.log()
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
}

export const functionRuns = readServiceLog({
  name: 'functions.runs',
  about: 'List the runs of a stored function in the last 7 days, at most 200, oldest first',
  path: '/functions/{id}/runs',
  tag: 'code',
  entries: 'runs of functions',
  keyPrefix: 'function-run',
  page: 'FunctionRunPage',
})

export const webhookDeliveries = readServiceLog({
  name: 'webhooks.deliveries',
  about: 'List the attempts to deliver to a webhook in the last 7 days, at most 200, oldest first',
  path: '/webhooks/{id}/deliveries',
  tag: 'log',
  entries: 'deliveries of webhooks',
  keyPrefix: 'webhook-delivery',
  page: 'WebhookDeliveryPage',
})
