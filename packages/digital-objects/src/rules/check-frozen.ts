// Refuses changes of frozen fields, and deletions of entities that are kept for good. The effects of a verb may change what its
// caller may not.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { isPlainObject } from '../base/is-object.ts'
import { isSameJson } from '../base/canonical-json.ts'
import type { ReadRelated } from '../noun/amount-expression.ts'
import type { FrozenRule } from '../noun/amount-rules.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'

export interface FrozenChange {
  readonly verb: Verb
  /** The caller's arguments. */
  readonly input: Readonly<Record<string, JsonValue>>
  /** Undefined if the change creates the entity. */
  readonly before: EntityFields | undefined
  /** Undefined if the change deletes it. */
  readonly after: EntityFields | undefined
  /** Reads the entity to which a reference leads. Without it, there is none. */
  readonly related?: ReadRelated
  /** True for an effect of another change, which may move or clear references: their targets were merged or deleted. */
  readonly isEffect?: boolean
}

/** Throws an ObjectError `conflict` that names the field. */
export function checkFrozen(schema: NounSchema, change: FrozenChange): void {
  for (const rule of amountRulesOf(schema).frozen) {
    if (change.before === undefined) checkCreation(schema, rule, change)
    else if (isFrozen(rule, change.before, change.related))
      checkChange(schema, rule, { ...change, before: change.before })
  }
}

/** Whether callers cannot change the field of an entity with these fields. */
export function isFieldFrozen(schema: NounSchema, name: string, fields: EntityFields): boolean {
  return amountRulesOf(schema).frozen.some((rule) => rule.fields.includes(name) && isFrozen(rule, fields, undefined))
}

function isFrozen({ while: state }: FrozenRule, fields: EntityFields, related: ReadRelated | undefined): boolean {
  return state === undefined || state.values.includes(String(stateAt(state.field, fields, related)))
}

function stateAt(path: string, fields: EntityFields, related: ReadRelated | undefined): JsonValue | undefined {
  const [first = '', name] = path.split('.')
  const value = fields[first]
  return name === undefined || typeof value !== 'string' ? value : related?.(value)?.[name]
}

/** A caller may repeat a value that the entity would have anyway: its default, or no amount. */
function checkCreation(schema: NounSchema, rule: FrozenRule, change: FrozenChange): void {
  const { verb, input, after, isEffect, related } = change
  if (!rule.onCreate) return
  if (rule.while?.field.includes('.') === true) {
    if (isEffect === true || after === undefined || !isFrozen(rule, after, related)) return
    const state = String(stateAt(rule.while.field, after, related))
    const [reference = '$id'] = rule.while.field.split('.')
    throw frozen(schema, reference, `a ${schema.name} cannot be added while ${rule.while.field} is ${state}`)
  }
  for (const name of rule.fields) {
    const value = Object.hasOwn(input, name) ? input[name] : undefined
    if (value === undefined || value === null || after === undefined || takesArgument(verb, name)) continue
    const field = schema.fields[name]
    const usual = field?.kind === 'data' || field?.kind === 'enum' ? field.default : undefined
    if (isSameJson(value, usual) || value === 0 || value === false) continue
    throw frozen(schema, name, `${schema.name}.${verb.name} cannot set '${name}': only verbs do`)
  }
}

function checkChange(
  schema: NounSchema,
  rule: FrozenRule,
  { verb, input, before, after, isEffect, related }: FrozenChange & { readonly before: EntityFields },
): void {
  const { while: state } = rule
  const reason = state === undefined ? '' : ` while ${state.field} is ${String(stateAt(state.field, before, related))}`
  if (after === undefined) {
    if (rule.delete) throw frozen(schema, '$id', `a ${schema.name} cannot be deleted${reason}: its record is kept`)
    return
  }
  for (const name of rule.fields) {
    if (isSameJson(before[name], after[name])) continue
    if (isEffect === true && schema.fields[name]?.kind === 'reference') continue
    const isAsked = verb.category === 'crud' || (Object.hasOwn(input, name) && !takesArgument(verb, name))
    if (!isAsked) continue
    const hint = rule.while === undefined ? ', only its verbs do' : ''
    throw frozen(schema, name, `${schema.name}.${verb.name} cannot change '${name}'${reason}${hint}`)
  }
}

/** Whether the verb takes an argument of this name, and decides by its own effects what becomes of it. */
function takesArgument({ effect }: Verb, name: string): boolean {
  return effect.argumentsOnly?.includes(name) === true || readsArgument(effect.sets[name], name)
}

function readsArgument(value: unknown, name: string): boolean {
  if (Array.isArray(value)) return value.some((part) => readsArgument(part, name))
  if (!isPlainObject(value)) return false
  if (value['kind'] === 'argument') return value['name'] === name
  return Object.values(value).some((part) => readsArgument(part, name))
}

function frozen(schema: NounSchema, field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'conflict',
    field,
    message,
    detail: { reason: 'frozen', entityType: schema.name },
  })
}
