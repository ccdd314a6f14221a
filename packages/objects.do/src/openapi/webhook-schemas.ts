// The schemas of webhooks' deliveries in the OpenAPI document.

import { type Json, ref } from './components.ts'

export const webhookSchemas = {
  WebhookDelivery: {
    type: 'object',
    description: 'An attempt to deliver an event to a webhook.',
    required: ['event', 'type', 'timestamp', 'durationMs', 'status'],
    properties: {
      event: { type: 'string', description: 'Identifier of the event.' },
      type: { type: 'string', description: 'Type of the event.' },
      timestamp: { type: 'string', format: 'date-time', description: 'Time the attempt began.' },
      durationMs: { type: 'integer', minimum: 0, description: 'Milliseconds that it took.' },
      status: { type: 'string', enum: ['delivered', 'failed'], description: 'Outcome of the attempt.' },
      responseStatus: { type: 'integer', description: 'Status of the answer; absent if there was none.' },
      error: { type: 'string', description: 'Reason of the failure.' },
    },
  },
  WebhookDeliveryPage: {
    type: 'object',
    description: 'A page of attempts to deliver to a webhook.',
    required: ['results', 'hasMore', 'cursor'],
    properties: {
      results: { type: 'array', items: ref('WebhookDelivery'), description: 'The attempts, oldest first.' },
      hasMore: { type: 'boolean', description: 'True if there are more.' },
      cursor: { type: ['string', 'null'], description: 'Position of the next page.' },
    },
  },
} as const satisfies Json
