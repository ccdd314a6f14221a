// Rules of money, keys and publication that a tenant's additions cannot loosen: those of a built-in Noun that is strict or has
// frozen fields. Additions that were stored before a rule stay in use.

import type { NounDefinition } from '../noun/definition.ts'
import { invalidDefinition } from '../noun/invalid-definition.ts'
import { isSameJson } from '../base/canonical-json.ts'
import type { JsonValue } from '../base/entity.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import { parseField } from '../noun/parse-field.ts'
import type { NounSchema } from '../noun/schema.ts'

export interface Additions {
  /** The additions so far. */
  readonly before: NounDefinition
  readonly after: NounDefinition
}

/** Throws an ObjectError `invalid_definition` that names the part. */
export function checkStrict(base: NounSchema, { before, after }: Additions): void {
  const isHeld = base.definition.strict === true || amountRulesOf(base).frozen.length > 0
  if (!isHeld) return
  const check = (part: Part): void => {
    for (const [name, value] of Object.entries(after[part] ?? {}))
      if (!isSame(value, before[part], name) && isKept(base, part, { name, value })) throw refused(base, part, name)
  }
  for (const part of ['states', 'effects', 'fills', 'numbers'] as const) check(part)
  for (const row of after.transitions ?? [])
    if (!(before.transitions ?? []).some((one) => isSameJson(asJson(one), asJson(row))))
      throw refused(base, 'transitions', row.verb)
  const schedules = (base.definition.schedules ?? []).map(({ name, call }) => name ?? call)
  for (const { name, call } of after.schedules ?? [])
    if (schedules.includes(name ?? call)) throw refused(base, 'schedules', name ?? call)
  checkDefault(base, { before, after })
}

type Part = 'states' | 'effects' | 'fills' | 'numbers'

function isKept(
  base: NounSchema,
  part: Part,
  { name, value }: { readonly name: string; readonly value: unknown },
): boolean {
  const { definition, fields, state = '', verbs } = base
  switch (part) {
    case 'states': {
      const field = fields[state]
      return field?.kind === 'enum' && field.values.includes(name)
    }
    case 'effects':
      return Object.hasOwn(verbs, name) || setsKeptField(base, value)
    default:
      return Object.hasOwn(definition.fields, name)
  }
}

/** Whether a verb of the tenant would set the state or a field that only the Noun's own verbs set. */
function setsKeptField(base: NounSchema, effect: unknown): boolean {
  const { state } = base
  const sets = (effect as { readonly sets?: object } | undefined)?.sets ?? {}
  const kept = new Set([
    ...(state === undefined ? [] : [state]),
    ...amountRulesOf(base).frozen.flatMap(({ fields }) => fields),
  ])
  return Object.keys(sets).some((name) => kept.has(name))
}

/** Another default would be a state at which entities start without the verb that leads there. */
function checkDefault(base: NounSchema, { before, after }: Additions): void {
  const { name: noun, state = '', fields } = base
  const text = Object.hasOwn(after.fields, state) ? after.fields[state] : undefined
  const field = fields[state]
  if (text === undefined || text === null || text === before.fields[state] || field?.kind !== 'enum') return
  const next = parseField({ noun, name: state }, text)
  if (next.kind === 'enum' && next.default !== field.default)
    throw invalidDefinition(state, `${noun}.${state}: ${reason}, and starts at ${String(field.default)}`)
}

const reason = 'its states are those of money, keys or publication'

function refused({ name: noun }: NounSchema, part: string, name: string): Error {
  return invalidDefinition(part, `${noun}: ${reason}, so ${part} of '${name.slice(0, 64)}' cannot be added or replaced`)
}

function isSame(value: unknown, parts: Readonly<Record<string, unknown>> | undefined, name: string): boolean {
  return parts !== undefined && Object.hasOwn(parts, name) && isSameJson(asJson(parts[name]), asJson(value))
}

/** A definition was parsed from JSON. */
function asJson(part: unknown): JsonValue {
  return part as JsonValue
}
