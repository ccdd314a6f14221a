// A built-in AFTER handler: a completed or logged activity updates the contact and the deal that it belongs to, so that
// "when did we last speak" is a field of both.

import type { AfterHandler, Change, Written } from '@dotdo/do'
import { type NounLookup, ObjectError, type ObjectEvent } from 'digital-objects'

const touched = [
  { reference: 'contact', noun: 'Contact', field: 'lastEngagement' },
  { reference: 'deal', noun: 'Deal', field: 'lastActivityAt' },
] as const

/** `write` resolves when the change is committed and throws an ObjectError when it is refused. */
export function activityTouches(options: {
  lookup: NounLookup
  write: (change: Change) => Promise<Written>
}): AfterHandler {
  const { lookup, write } = options
  return {
    id: 'activity-touches',
    handles: (event) => event.type === 'Activity.Completed' || event.type === 'Activity.Logged',
    run: async (event) => {
      for (const { reference, noun, field } of touched) {
        const id = event.data[reference]
        const schema = lookup(noun)
        const verb = schema?.verbs['update']
        if (typeof id !== 'string' || schema === undefined || verb === undefined) continue
        await touch({ write, event, change: { schema, verb, target: id }, field })
      }
    },
  }
}

async function touch(options: {
  write: (change: Change) => Promise<Written>
  event: ObjectEvent
  change: Pick<Change, 'schema' | 'verb'> & { readonly target: string }
  field: string
}): Promise<void> {
  const { write, event, change, field } = options
  try {
    await write({
      ...change,
      kind: 'change',
      actor: event.actor,
      via: 'hook',
      causedBy: event.id,
      // Handlers run at least once: the key turns a second run into a replay of the first.
      idempotency: { actor: 'system', key: `activity-touches ${event.id} ${field}`, hash: event.id },
      decide: ({ current = {} }) => {
        const before = current[field]
        return typeof before === 'string' && before > event.timestamp
          ? current
          : { ...current, [field]: event.timestamp }
      },
    })
  } catch (error) {
    // The entity was deleted meanwhile, so there is nothing to update.
    if (!(error instanceof ObjectError && error.code === 'not_found')) throw error
  }
}
