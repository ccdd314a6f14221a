// The verb whose move a write makes by sending another state. The move is the verb's, whichever write asks for it: it has the
// verb's demands, effects and event, and needs its permission.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { isFieldFrozen } from '../rules/check-frozen.ts'
import type { NounSchema, Transition, Verb } from '../noun/schema.ts'
import { defaultState, stateOf, textOf } from './state-of.ts'
import { standIn } from './transition.ts'

export interface SentMove {
  readonly before: EntityFields
  /** The fields that an update sends. */
  readonly sent: Readonly<Record<string, JsonValue>>
}

/** Returns undefined if the update moves nothing, if the table has a row of `update` for the move or none at all, and for a frozen state. */
export function verbOfMove(schema: NounSchema, { before, sent }: SentMove): Verb | undefined {
  const from = stateOf(schema, before)
  const to = sentState(schema, sent)
  if (to === undefined || from === undefined || to === from) return undefined
  if (isFieldFrozen(schema, schema.state ?? '', before)) return undefined
  const [place, target] = [standIn(schema, from), standIn(schema, to)]
  const rows = schema.transitions.filter(
    (row) => place !== undefined && row.from.includes(place) && row.to === target && row.from.length > 0,
  )
  if (place === target || rows.some(({ verb }) => verb === 'update')) return undefined
  return bestVerb(schema, rows, to)
}

/** A verb that is named like the state comes first, then one that leads there by itself. */
function bestVerb(schema: NounSchema, rows: readonly Transition[], to: string): Verb | undefined {
  const callable = rows.flatMap((row) => {
    const verb = schema.verbs[row.verb]
    const isCallable = verb?.category === 'custom' && verb.effect.systemOnly !== true
    return verb !== undefined && isCallable ? [{ row, verb }] : []
  })
  const best =
    callable.find(({ verb }) => verb.event === to) ?? callable.find(({ row }) => row.named !== true) ?? callable[0]
  return best?.verb
}

/** Throws an ObjectError `invalid_transition` if the verb has led to another state than the update sent. */
export function checkMovedTo(
  schema: NounSchema,
  { verb, sent, after }: { readonly verb: Verb; readonly sent: SentMove['sent']; readonly after: EntityFields },
): void {
  const [to, reached] = [sentState(schema, sent), textOf(after[schema.state ?? ''])]
  if (to === undefined || to === reached) return
  throw new ObjectError({
    code: 'invalid_transition',
    field: schema.state ?? '',
    message: `${schema.name}.update cannot bring ${schema.state ?? ''} to ${to}: ${verb.name} leads to ${reached ?? 'no value'} with these fields; call ${verb.name}`,
    detail: { from: null, to: [to], verbs: [verb.name] },
  })
}

export interface MadeMove {
  /** Undefined if the write creates the entity. */
  readonly before: EntityFields | undefined
  readonly after: EntityFields
}

/**
 * Returns the verbs of which a caller needs one to bring an entity to its new state by a creation or a rollback; none if the
 * state did not change, is the default of a creation, or is one to which an update leads.
 */
export function verbsOfState(schema: NounSchema, { before, after }: MadeMove): readonly string[] {
  const to = textOf(after[schema.state ?? ''])
  const from = before === undefined ? defaultState(schema) : stateOf(schema, before)
  if (to === undefined || to === from) return []
  const rows = schema.transitions.filter((row) => row.to === to && row.from.some((one) => one !== to))
  return rows.some(({ verb }) => verb === 'update') ? [] : [...new Set(rows.map(({ verb }) => verb))]
}

function sentState(schema: NounSchema, sent: SentMove['sent']): string | undefined {
  const { state } = schema
  return state !== undefined && Object.hasOwn(sent, state) ? textOf(sent[state]) : undefined
}
