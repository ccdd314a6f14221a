// Whether the work of a verb is done already: paying a paid invoice, qualifying a qualified contact. Such a call changes
// nothing and emits nothing.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isSameJson } from '../base/canonical-json.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import type { EffectValue } from '../noun/verb-effect.ts'
import { effectsOf, fieldsAfterVerb, type VerbCall } from './apply-verb.ts'
import { stateAfterVerb } from './transition.ts'

/**
 * True if the verb leads to a state, the entity is in it, and the call would change nothing else but timestamps of the
 * event. A verb without a state, such as one that renews or assigns, is never done, so each call of it is an event.
 */
export function isVerbDone(call: VerbCall): boolean {
  const { schema, verb, current, input, nowMs } = call
  if (current === undefined || !leadsToState(schema, verb) || movesOn(schema, verb, current)) return false
  const after = fieldsAfterVerb(call)
  const now = new Date(nowMs).toISOString()
  for (const name of new Set([...Object.keys(current), ...Object.keys(after)])) {
    if (isSameJson(current[name], after[name])) continue
    const isTimeOfEvent = after[name] === now || after[name] === now.slice(0, 10)
    if (!isTimeOfEvent || current[name] === undefined || Object.hasOwn(input, name)) return false
  }
  return true
}

/** Whether the verb has rows in the table of the state field, or sets an enum or a boolean to a value of its own. */
function leadsToState(schema: NounSchema, verb: Verb): boolean {
  if (schema.transitions.some((row) => row.verb === verb.name && row.from.length > 0)) return true
  return Object.entries(effectsOf(schema, verb)).some(([name, effect]) => {
    const field = schema.fields[name]
    const isState = field?.kind === 'enum' || (field?.kind === 'data' && field.type === 'boolean')
    return isState && setsLiteral(effect)
  })
}

function setsLiteral(effect: EffectValue): boolean {
  switch (effect.kind) {
    case 'literal':
      return true
    case 'when':
      return setsLiteral(effect.then) || setsLiteral(effect.otherwise)
    default:
      return false
  }
}

/** Whether the table gives the verb another state, or the entity is in none of the states to which it leads. */
function movesOn(schema: NounSchema, verb: Verb, current: EntityFields): boolean {
  const { state, transitions } = schema
  const targets = transitions.filter((row) => row.verb === verb.name && row.from.length > 0).map((row) => row.to)
  if (state === undefined || targets.length === 0) return false
  const value: JsonValue | undefined = current[state]
  const next = stateAfterVerb(schema, verb.name, current)
  return next === undefined ? !targets.some((target) => target === value) : next !== value
}
