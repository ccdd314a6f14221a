// The schema of a Noun as a caller sees it: without hidden fields, and without the parts that mention them.

import { listConditions } from '../noun/condition.ts'
import type { Requirement } from '../noun/requirement.ts'
import { deepFreeze } from '../base/deep-freeze.ts'
import { fieldsInSum } from '../noun/amount-expression.ts'
import { definedOnly } from '../base/defined-only.ts'
import type { NounDefinition } from '../noun/definition.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import type { Field, NounSchema, ReferenceField, StateRule, Verb } from '../noun/schema.ts'

/** Tells which fields and Nouns are hidden from the caller. */
export interface Hiding {
  readonly isHidden: (noun: string, field: string) => boolean
  readonly isReadable: (noun: string) => boolean
}

export function visibleSchema(schema: NounSchema, hiding: Hiding): NounSchema {
  const fields: Record<string, Field> = {}
  for (const [name, field] of Object.entries(schema.fields)) {
    const visible = visibleField(schema.name, field, hiding)
    if (visible !== undefined) fields[name] = visible
  }
  const isGone = (name: string): boolean => Object.hasOwn(schema.fields, name) && !Object.hasOwn(fields, name)
  const sums = amountRulesOf(schema).sums.filter(({ field, terms }) => ![field, ...fieldsInSum(terms)].some(isGone))
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind !== 'data' || field.sum === undefined || sums.some((sum) => sum.field === name)) continue
    const { sum: _, ...others } = field
    fields[name] = others
  }
  const { state, role, ...stateless } = schema
  const keepsState = state !== undefined && !isGone(state)
  // A role reads stored fields, and lists of other Nouns are none.
  const keepsRole = Object.values(schema.fields).every((field) => field.kind === 'reverse' || !isGone(field.name))
  return deepFreeze({
    ...stateless,
    fields,
    verbs: mapValues(schema.verbs, (verb) => ({ ...verb, effect: visibleEffect(verb.effect, isGone) })),
    searchable: schema.searchable.filter((name) => !isGone(name)),
    indexes: schema.indexes.filter(({ field }) => !isGone(field)),
    ...(keepsState ? { state } : {}),
    transitions: keepsState ? schema.transitions : [],
    states: keepsState ? mapValues(schema.states, (rule) => visibleRule(rule, isGone)) : {},
    categories: keepsState ? schema.categories : {},
    fills: {},
    ...(role === undefined || !keepsRole ? {} : { role }),
    schedules: Object.keys(schema.fields).some(isGone) ? [] : schema.schedules,
    definition: visibleDefinition(schema.definition, { isGone, keepsState, keepsRole, fields }),
  })
}

function visibleField(noun: string, field: Field, { isHidden, isReadable }: Hiding): Field | undefined {
  if (isHidden(noun, field.name)) return undefined
  if (field.kind === 'reverse') return isReadable(field.from) && !isHidden(field.from, field.by) ? field : undefined
  return field.kind === 'reference' ? visibleReference(noun, field, { isHidden, isReadable }) : field
}

/** Keeps the id, which is a value of this entity, as if it were the id of a deleted entity. */
function visibleReference(noun: string, field: ReferenceField, { isHidden, isReadable }: Hiding): Field {
  const { to, inverse, onDelete, ...base } = field
  const readable = to.filter(isReadable)
  if (readable.length === 0) return { ...base, kind: 'data', type: 'id' }
  const keepsInverse = inverse !== undefined && readable.some((name) => !isHidden(name, inverse))
  const isRuleHidden = typeof onDelete === 'object' && isHidden(noun, onDelete.restrictWhile.field)
  return { ...base, to, onDelete: isRuleHidden ? 'restrict' : onDelete, ...(keepsInverse ? { inverse } : {}) }
}

/** Leaves out effects on other entities, which may name hidden Nouns and fields. */
function visibleEffect(effect: Verb['effect'], isGone: (name: string) => boolean): Verb['effect'] {
  const { from, sets, argumentAliases, related: _, requires, answers, ...others } = effect
  const { needs, needsFuture, argumentsRequired, analyzes, ...plain } = others
  const seen = <Name extends string | readonly string[]>(names: readonly Name[]): readonly Name[] =>
    names.filter((name) => ![name].flat().some(isGone))
  return {
    ...plain,
    ...(needs === undefined ? {} : { needs: seen(needs) }),
    ...(analyzes === undefined ? {} : { analyzes: seen(analyzes) }),
    ...(needsFuture === undefined ? {} : { needsFuture: seen(needsFuture) }),
    ...(argumentsRequired === undefined ? {} : { argumentsRequired: seen(argumentsRequired) }),
    ...(requires === undefined ? {} : { requires: requires.filter((one) => !fieldsOf(one).some(isGone)) }),
    ...(answers === undefined || isGone(answers.questions) ? {} : { answers }),
    sets: withoutKeys(sets, isGone),
    ...(from === undefined || isGone(from.field) ? {} : { from }),
    ...(argumentAliases === undefined
      ? {}
      : {
          argumentAliases: Object.fromEntries(Object.entries(argumentAliases).filter(([, field]) => !isGone(field))),
        }),
  }
}

function fieldsOf({ connection, when }: Requirement): readonly string[] {
  const tested = listConditions(when).flatMap((condition) => ('field' in condition ? [condition.field] : []))
  return typeof connection === 'string' ? tested : [connection.field, ...tested]
}

function visibleRule({ sets, holds }: StateRule, isGone: (name: string) => boolean): StateRule {
  return { sets: withoutKeys(sets, isGone), holds: holds.filter((name) => !isGone(name)) }
}

/** Rules may name hidden fields in many ways, so a caller who does not see all fields does not see them. */
function visibleDefinition(
  definition: NounDefinition,
  seen: {
    readonly isGone: (name: string) => boolean
    readonly keepsState: boolean
    readonly keepsRole: boolean
    readonly fields: Readonly<Record<string, Field>>
  },
): NounDefinition {
  const { isGone, keepsState, keepsRole } = seen
  const { fields, descriptions, indexes, effects, onDelete: _, ...rules } = withoutStates(definition)
  const { bounds, frozen, numbers, fills: __, schedules, role, ...others } = rules
  const isWhole = Object.entries(fields).every(
    ([name, text]) =>
      !isGone(name) && !(text?.trimStart().startsWith('->') === true && seen.fields[name]?.kind === 'data'),
  )
  return {
    ...others,
    ...(keepsRole ? definedOnly({ role }) : {}),
    ...(isWhole ? definedOnly({ schedules }) : {}),
    ...(isWhole && bounds !== undefined ? { bounds } : {}),
    ...(isWhole && frozen !== undefined ? { frozen } : {}),
    ...(isWhole && numbers !== undefined ? { numbers } : {}),
    fields: withIds(withoutKeys(fields, isGone), seen.fields),
    ...(descriptions === undefined ? {} : { descriptions: withoutKeys(descriptions, isGone) }),
    ...(indexes === undefined
      ? {}
      : { indexes: indexes.filter(({ path }) => !isGone(path.slice(0, path.indexOf('.')))) }),
    ...(keepsState ? visibleStates(definition, isGone) : {}),
    ...(effects === undefined
      ? {}
      : {
          effects: mapValues(effects, (effect) => (effect === undefined ? undefined : definedEffect(effect, isGone))),
        }),
  }
}

type DefinedEffect = NonNullable<NonNullable<NounDefinition['effects']>[string]>

/** An effect that sets nothing says so by leaving `sets` out, since effects of create, update and delete may not have it. */
function definedEffect(effect: DefinedEffect, isGone: (name: string) => boolean): DefinedEffect {
  const { sets, ...visible } = visibleEffect({ ...effect, sets: definedOnly(effect.sets ?? {}) }, isGone)
  return effect.sets === undefined ? visible : { ...visible, sets }
}

const numericTypes: readonly string[] = ['number', 'integer', 'money']

/**
 * Changes the text of a reference to an unreadable Noun into that of an id, leaves out sums that read hidden fields, and makes
 * integers of amounts whose currency is hidden, since an amount has a currency beside it.
 */
function withIds(texts: NounDefinition['fields'], fields: Readonly<Record<string, Field>>): NounDefinition['fields'] {
  const entries = Object.entries(texts).map(([name, text]) => {
    const field = fields[name]
    const isId = text?.trimStart().startsWith('->') === true && field?.kind === 'data'
    const isSumHidden = field?.kind === 'data' && field.sum === undefined && /=\s*-?\s*[a-z]/.test(text ?? '')
    if (isSumHidden && numericTypes.includes(field.type)) return [name, text?.replace(/\s*=.*$/, '') ?? null] as const
    if (isId) return [name, `id${field.many ? '[]' : ''}${field.required ? '!' : '?'}`] as const
    const isBare = field?.kind === 'data' && field.type === 'money' && fields['currency'] === undefined
    return [name, isBare ? (text?.replace(/^\s*money/, 'integer') ?? null) : text] as const
  })
  return Object.fromEntries(entries)
}

function withoutKeys<Value>(
  record: Readonly<Record<string, Value>>,
  isGone: (name: string) => boolean,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !isGone(name)))
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}

function visibleStates(
  { state, transitions, states, categories }: NounDefinition,
  isGone: (name: string) => boolean,
): Partial<NounDefinition> {
  const shown = (rule: NonNullable<typeof states>[string]): typeof rule =>
    rule === undefined
      ? undefined
      : visibleRule({ sets: definedOnly(rule.sets ?? {}), holds: rule.holds ?? [] }, isGone)
  return {
    ...(state === undefined ? {} : { state }),
    ...(transitions === undefined ? {} : { transitions }),
    ...(states === undefined ? {} : { states: mapValues(states, shown) }),
    ...(categories === undefined ? {} : { categories }),
  }
}

function withoutStates(definition: NounDefinition): NounDefinition {
  const { state: _, transitions: __, states: ___, categories: ____, ...others } = definition
  return others
}
