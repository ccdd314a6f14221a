// The message of the last request about an entity that Stripe has refused, which the entity has in `metadata.stripe.refused`.

import type { ObjectParts } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError } from 'digital-objects'
import { stripeActor } from './mirror-write.ts'

export function refusalIn(metadata: JsonValue | undefined): string | undefined {
  const { stripe } = isPlainObject(metadata) ? metadata : {}
  const { refused } = isPlainObject(stripe) ? stripe : {}
  return typeof refused === 'string' ? refused : undefined
}

/** Writes the message of a refusal onto the entity; an undefined one takes it back. */
export async function noteRefusal(parts: ObjectParts, target: string, message: string | undefined): Promise<void> {
  const entity = parts.read(target)
  const noun = parts.nouns().find(({ idPrefix }) => target.startsWith(`${idPrefix}_`))
  if (entity === undefined || noun === undefined || refusalIn(entity['metadata']) === message) return
  const body = JSON.stringify({ metadata: { stripe: { refused: message ?? null } } })
  const call = { kind: 'write', noun: noun.name, verb: 'update', id: target, body } as const
  const answer = await parts.answer(call, { who: stripeActor, via: 'system' })
  if (!answer.ok) throw new ObjectError(answer.error)
}
