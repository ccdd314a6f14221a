// What the verbs of a webhook make happen: events of the log are owed again, and events that wait are due.

import type { AfterHandler, ObjectParts } from '@dotdo/service'
import { matchesEventPattern } from 'digital-objects'
import { type Deliveries, handlerPrefix } from './deliver.ts'
import { patternOf } from './stored-webhooks.ts'

export function webhookVerbs(parts: ObjectParts, deliveries: Deliveries): AfterHandler {
  return {
    id: 'events.do/verbs',
    handles: ({ type }) => ['Webhook.Replayed', 'Webhook.Redelivered', 'Webhook.Enabled'].includes(type),
    run: async ({ type, target, data }) => {
      const handler = handlerPrefix + target
      const { replayFrom, replayThrough, redelivered } = data
      const pattern = patternOf(data)
      if (type === 'Webhook.Enabled') {
        deliveries.log.setTrouble(target, undefined)
        parts.hasten(handler)
      } else if (type === 'Webhook.Redelivered') parts.oweEvent(handler, String(redelivered))
      else if (pattern !== undefined)
        parts.owe(handler, {
          after: Number(replayFrom) - 1,
          through: Number(replayThrough),
          isOwed: (event) => !event.type.startsWith('Webhook.') && matchesEventPattern(pattern, event),
        })
    },
  }
}
