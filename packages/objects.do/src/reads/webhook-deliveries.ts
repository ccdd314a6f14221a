// `webhooks.deliveries`: lists the attempts to deliver events to a webhook, newest last.

import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { parseCount } from '../entities/parameters.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

const limitMax = 200

export const webhookDeliveries = defineRead({
  name: 'webhooks.deliveries',
  about: 'List the attempts to deliver to a webhook in the last 7 days, at most 200, oldest first',
  path: '/webhooks/{id}/deliveries',
  listedAs: { tag: 'log', operationId: 'webhooks.deliveries' },
  parameters: {
    limit: { about: 'Attempts per page, 100 by default', schema: { type: 'integer', minimum: 1, maximum: limitMax } },
    cursor: { about: 'The cursor of the previous page', schema: { type: 'string', pattern: '^[0-9]{17}$' } },
  },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('Attempts of the webhook', ref('WebhookDeliveryPage')) }),

  parse: ({ id = '', parameters }) => ({
    webhook: id,
    limit: parseCount(parameters, { name: 'limit', fallback: 100, min: 1, max: limitMax, code: 'invalid_limit' }),
    after: parameters['cursor'],
  }),

  answer({ store, recorder }, { request: { webhook, limit, after }, caller }) {
    requireFullAuthority(caller, 'deliveries of webhooks')
    recorder?.log()
    const prefix = `webhook-delivery:${webhook}:`
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
