// Checks incoming webhooks, and removes the secret of one that is gone.

import type { AfterHandler, BeforeHook, ObjectParts } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import { isIncomingSecret } from './incoming-secret.ts'

const webhooksMax = 100

export function checkIncoming(parts: ObjectParts): BeforeHook {
  return {
    id: 'events.do/check-incoming',
    applies: (noun, verb) => noun === 'IncomingWebhook' && verb !== 'delete',
    run: ({ secretName }, { verb, previous }) => {
      if (verb === 'create') checkRoom(parts)
      if (secretName !== undefined && secretName !== previous?.['secretName'] && !isIncomingSecret(secretName))
        throw invalid('secretName', 'expects a name that POST /incoming makes')
    },
  }
}

export function forgetIncoming(parts: ObjectParts): AfterHandler {
  return {
    id: 'events.do/incoming',
    handles: ({ type }) => type === 'IncomingWebhook.Deleted',
    run: async ({ target, data }) => {
      const { secretName } = data
      // An undo has brought it back.
      if (parts.read(target) !== undefined) return
      parts.values()?.deleteAll(`incoming-seen:${target}:`)
      if (!isIncomingSecret(secretName)) return
      const call = { kind: 'write', noun: '', verb: 'secrets.delete', id: secretName, body: '' } as const
      const answer = await parts.answer(call, { who: 'system', via: 'system' })
      if (!answer.ok && answer.error.code !== 'not_found') throw new ObjectError(answer.error)
    },
  }
}

function checkRoom(parts: ObjectParts): void {
  const count = ['Active', 'Disabled']
    .map((value) => parts.idsWith('IncomingWebhook', { field: 'status', value, limit: webhooksMax }).length)
    .reduce((sum, one) => sum + one, 0)
  if (count >= webhooksMax) throw invalid('name', `a tenant has at most ${webhooksMax}: delete one first`)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    message: `IncomingWebhook.${field}: ${message}`,
    faults: [{ field, message }],
  })
}
