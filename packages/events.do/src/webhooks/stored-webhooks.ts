// The webhooks of a tenant that take events. They are derived from its entities, and kept until one of these may have changed,
// since every event of the tenant is compared with them.

import type { ObjectParts } from '@dotdo/service'
import {
  type EntityFields,
  type EventPattern,
  matchesEventPattern,
  ObjectError,
  parseEventPattern,
} from 'digital-objects'

export const webhooksMax = 100

interface Listening {
  readonly id: string
  readonly pattern: EventPattern
}

export class StoredWebhooks {
  readonly #parts: Pick<ObjectParts, 'read' | 'idsWith' | 'stampOf'>
  #kept: { readonly stamp: string; readonly listening: readonly Listening[] } | undefined

  constructor(parts: Pick<ObjectParts, 'read' | 'idsWith' | 'stampOf'>) {
    this.#parts = parts
  }

  /** The ids of the webhooks to which an event goes. Events of webhooks go to none, so that none can cause its own. */
  for(event: { readonly type: string; readonly target: string }): readonly string[] {
    if (event.type.startsWith('Webhook.')) return []
    return this.#listening.filter(({ pattern }) => matchesEventPattern(pattern, event)).map(({ id }) => id)
  }

  get #listening(): readonly Listening[] {
    const stamp = this.#parts.stampOf('Webhook')
    if (this.#kept?.stamp !== stamp) this.#kept = { stamp, listening: this.#read() }
    return this.#kept.listening
  }

  #read(): readonly Listening[] {
    const withStatus = (value: string): readonly string[] =>
      this.#parts.idsWith('Webhook', { field: 'status', value, limit: webhooksMax })
    return [...withStatus('Active'), ...withStatus('Failing')].flatMap((id) => {
      const pattern = patternOf(this.#parts.read(id) ?? {})
      return pattern === undefined ? [] : [{ id, pattern }]
    })
  }
}

/** Returns undefined for patterns that cannot be parsed, which no webhook has that was checked. */
export function patternOf({ events }: EntityFields): EventPattern | undefined {
  if (!Array.isArray(events)) return undefined
  try {
    return parseEventPattern(events.join(','))
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
}
