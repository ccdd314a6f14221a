// The demands of a verb on its caller: arguments that must be sent, and fields that must have a value after the verb.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { type Fault, ObjectError } from '../base/object-error.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'

interface OfVerb {
  readonly schema: NounSchema
  readonly verb: Verb
}

/** Throws an ObjectError `validation_error` that names each missing argument. `input` has fields under their own names. */
export function checkArguments({ schema, verb }: OfVerb, input: Readonly<Record<string, JsonValue>>): void {
  const { argumentsRequired = [], argumentAliases = {} } = verb.effect
  if (argumentsRequired.length === 0) return
  const aliasesOf = (name: string): readonly string[] =>
    Object.keys(argumentAliases).filter((alias) => argumentAliases[alias] === name)
  const shown = (names: readonly string[]): string => names.flatMap((name) => [name, ...aliasesOf(name)]).join(' or ')
  refuse({ schema, verb }, missing(argumentsRequired, input), (names) => `is required: send ${shown(names)}`)
}

/** Throws an ObjectError `validation_error` that names each field without a value, or each time that is past. */
export function checkNeeds({ schema, verb }: OfVerb, fields: EntityFields, nowMs: number): void {
  const { needs = [], needsFuture = [] } = verb.effect
  refuse({ schema, verb }, missing(needs, fields), (names) => `needs a value: set ${names.join(' or ')}`)
  const past = needsFuture.filter((name) => Date.parse(String(fields[name])) <= nowMs).map((name) => [name])
  refuse({ schema, verb }, past, () => `needs a time in the future, later than ${new Date(nowMs).toISOString()}`)
}

function missing(
  required: readonly (string | readonly string[])[],
  values: Readonly<Record<string, JsonValue>>,
): readonly (readonly string[])[] {
  const has = (name: string): boolean => Object.hasOwn(values, name) && values[name] !== null
  return required.map((names) => [names].flat()).filter((names) => !names.some(has))
}

function refuse(
  { schema, verb }: OfVerb,
  lacking: readonly (readonly string[])[],
  message: (names: readonly string[]) => string,
): void {
  const faults = lacking.map((names): Fault => ({ field: names[0] ?? '', message: message(names) }))
  const [first] = faults
  if (first === undefined) return
  throw new ObjectError({
    code: 'validation_error',
    field: first.field,
    message: `${schema.name}.${verb.name}: field '${first.field}' ${first.message}`,
    faults,
  })
}
