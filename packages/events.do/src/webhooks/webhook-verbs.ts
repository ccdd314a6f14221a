// Consequences of the verbs of a webhook: events of the log are owed again, events that wait are due, and the secrets and the log
// of one that was removed, by whatever request, go with it.

import type { AfterHandler, ObjectParts } from '@dotdo/service'
import { matchesEventPattern, ObjectError } from 'digital-objects'
import { type Deliveries, handlerPrefix } from './deliver.ts'
import { isSecretName } from './secret-name.ts'
import { patternOf } from './stored-webhooks.ts'

const handled = ['Replayed', 'Redelivered', 'Enabled', 'Rotated', 'Deleted'].map((verb) => `Webhook.${verb}`)

export function webhookVerbs(parts: ObjectParts, deliveries: Deliveries): AfterHandler {
  return {
    id: 'events.do/verbs',
    handles: ({ type }) => handled.includes(type),
    run: async ({ type, target, data }) => {
      const handler = handlerPrefix + target
      const { replayFrom, replayThrough, redelivered } = data
      const pattern = patternOf(data)
      if (type === 'Webhook.Deleted') {
        // An undo has brought it back.
        if (parts.read(target) !== undefined) return
        deliveries.log.forget(target)
        for (const name of [data['secretName'], data['oldSecretName']])
          if (isSecretName(name)) await removeSecret(parts, name)
        // Its pending deliveries are dropped now, and not when their retries would have been due.
        parts.replay(handler)
        parts.hasten(handler)
      } else if (type === 'Webhook.Enabled') {
        deliveries.log.setTrouble(target, undefined)
        parts.hasten(handler)
      } else if (type === 'Webhook.Rotated') parts.hasten(handler)
      else if (type === 'Webhook.Redelivered') parts.oweEvent(handler, String(redelivered))
      else if (pattern !== undefined)
        parts.owe(handler, {
          after: Number(replayFrom) - 1,
          through: Number(replayThrough),
          isOwed: (event) => !event.type.startsWith('Webhook.') && matchesEventPattern(pattern, event),
        })
    },
  }
}

/** A secret that is gone already is no fault. */
async function removeSecret(parts: ObjectParts, id: string): Promise<void> {
  const call = { kind: 'write', noun: '', verb: 'secrets.delete', id, body: '' } as const
  const answer = await parts.answer(call, { who: 'system', via: 'system' })
  if (!answer.ok && answer.error.code !== 'not_found') throw new ObjectError(answer.error)
}
