// A built-in AFTER handler: a completed or logged activity sets the time of the last activity on its contact and its deal.

import type { AfterHandler, Change, DefinedTenant } from '@dotdo/do'
import { ObjectError, type ObjectEvent } from 'digital-objects'

const touched = [
  { reference: 'contact', noun: 'Contact', field: 'lastEngagement' },
  { reference: 'deal', noun: 'Deal', field: 'lastActivityAt' },
] as const

export function activityTouches(tenant: DefinedTenant): AfterHandler {
  return {
    id: 'activity-touches',
    handles: (event) => event.type === 'Activity.Completed' || event.type === 'Activity.Logged',
    run: async (event) => {
      for (const { reference, noun, field } of touched) {
        const id = event.data[reference]
        if (typeof id === 'string') await touch(tenant, { event, noun, target: id, field })
      }
    },
  }
}

interface Touch {
  readonly event: ObjectEvent
  readonly noun: string
  readonly target: string
  readonly field: string
}

async function touch({ lookup, write }: DefinedTenant, { event, noun, target, field }: Touch): Promise<void> {
  const makeChange = (): Change => {
    const schema = lookup(noun)
    const verb = schema?.verbs['update']
    if (schema === undefined || verb === undefined) throw new Error(`${noun} is built in and must have the verb update`)
    return {
      schema,
      verb,
      kind: 'change',
      target,
      actor: event.actor,
      via: 'hook',
      causedBy: event.id,
      // Handlers run at least once: the key turns a second run into a replay of the first.
      idempotency: { actor: 'system', key: `activity-touches ${event.id} ${field}`, request: event.id },
      decide: ({ current = {} }) => {
        const before = current[field]
        return typeof before === 'string' && before > event.timestamp
          ? current
          : { ...current, [field]: event.timestamp }
      },
    }
  }
  try {
    await write(makeChange)
  } catch (error) {
    // The entity has been deleted, so there is nothing to update.
    if (!(error instanceof ObjectError && error.code === 'not_found')) throw error
  }
}
