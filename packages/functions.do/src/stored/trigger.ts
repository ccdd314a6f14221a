// Triggers of stored functions. `Contact.qualifying` is before a verb and `Contact.qualified` after it, with the entity;
// `Contact.Qualified`, `Deal.*` and other event patterns are after an event, with the event.

import {
  type EventPattern,
  matchesEventPattern,
  type NounLookup,
  ObjectError,
  parseEventPattern,
} from 'digital-objects'

export type Trigger =
  /** By its name only. */
  | { readonly kind: 'call' }
  | { readonly kind: 'before'; readonly noun: string; readonly verb: string }
  /** The function gets the entity if `isOfVerb`, and the event otherwise. */
  | { readonly kind: 'after'; readonly pattern: EventPattern; readonly isOfVerb: boolean }

/** Throws an ObjectError `validation_error` about `on`. */
export function parseTrigger(on: string | undefined, lookup: NounLookup): Trigger {
  if (on === undefined) return { kind: 'call' }
  const [, name, form] = /^([A-Z][A-Za-z0-9]*)\.([a-z][A-Za-z0-9]*)$/.exec(on) ?? []
  if (name === undefined || form === undefined) return { kind: 'after', pattern: patternOf(on), isOfVerb: false }
  const schema = lookup(name)
  if (schema === undefined) throw invalid('on', `names the unknown entity type '${name}'`)
  const verbs = Object.values(schema.verbs)
  const before = verbs.find(({ gerund }) => gerund === form)
  if (before !== undefined) return { kind: 'before', noun: schema.name, verb: before.name }
  const after = verbs.find(({ past }) => past === form)
  if (after === undefined) {
    const forms = verbs.flatMap(({ gerund, past }) => [gerund, past]).join(', ')
    throw invalid('on', `expects one of ${forms} after '${name}.', got '${form}'`)
  }
  return { kind: 'after', pattern: patternOf(`${schema.name}.${after.event}`), isOfVerb: true }
}

function patternOf(on: string): EventPattern {
  try {
    return parseEventPattern(on)
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    throw invalid('on', error.message.replace(/^type /, ''))
  }
}

export function runsAfter(trigger: Trigger, event: { readonly type: string; readonly target: string }): boolean {
  return trigger.kind === 'after' && matchesEventPattern(trigger.pattern, event)
}

/** The refusal of a Function by one of its fields. */
export function invalid(field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    message: `Function: '${field}' ${message}`,
    faults: [{ field, message }],
  })
}
