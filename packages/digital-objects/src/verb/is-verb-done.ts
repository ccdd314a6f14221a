// Whether the work of a verb is done already: paying a paid invoice, qualifying a qualified contact. Such a call changes
// nothing and emits nothing.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isSameJson } from '../base/canonical-json.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import type { EffectValue } from '../noun/verb-effect.ts'
import { effectsOf, fieldsAfterVerb, type VerbCall } from './apply-verb.ts'
import { stateAfterVerb } from './transition.ts'

/**
 * True if the entity is in the state to which the verb leads, or has all fields that the caller sent, and the call would change
 * nothing else but timestamps of the event. A call of a verb without a state that sends no field is an event each time.
 */
export function isVerbDone(call: VerbCall): boolean {
  const { schema, verb, current, input, nowMs } = call
  if (current === undefined || verb.effect.repeats === true) return false
  if (leadsToState(schema, verb) ? movesOn(call, current) : !sendsFields(call)) return false
  const after = fieldsAfterVerb(call)
  const now = new Date(nowMs).toISOString()
  for (const name of new Set([...Object.keys(current), ...Object.keys(after)])) {
    if (isSameJson(current[name], after[name])) continue
    const isTimeOfEvent = after[name] === now || after[name] === now.slice(0, 10)
    if (!isTimeOfEvent || current[name] === undefined || Object.hasOwn(input, name)) return false
  }
  return true
}

function sendsFields({ verb, input }: VerbCall): boolean {
  const { argumentsOnly = [] } = verb.effect
  return Object.keys(input).some((name) => !argumentsOnly.includes(name))
}

/** Whether the verb has rows in the table that lead to another state, or sets an enum or a boolean to a value of its own. */
function leadsToState(schema: NounSchema, verb: Verb): boolean {
  if (schema.transitions.some((row) => row.verb === verb.name && row.from.some((from) => from !== row.to))) return true
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
function movesOn({ schema, verb, input, isForced = false }: VerbCall, current: EntityFields): boolean {
  const { state, transitions } = schema
  const targets = transitions.filter((row) => row.verb === verb.name && row.from.length > 0).map((row) => row.to)
  if (state === undefined || targets.length === 0) return false
  const value: JsonValue | undefined = current[state]
  const next = stateAfterVerb(schema, { verb: verb.name, before: current, asked: input[state], isForced })
  return next === undefined ? !targets.some((target) => target === value) : next !== value
}
