// Checks a Noun's effects on related entities, and its deletion rules, against the Nouns that they name.

import { invalidDefinition } from '../noun/invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { constantsOf } from '../noun/check-effects.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import { relatedNouns } from '../noun/related-nouns.ts'
import type { NounLookup, NounSchema, StoredField } from '../noun/schema.ts'
import { checkEffectValue } from '../noun/validate-value.ts'
import type { EffectValues, RelatedEffect } from '../noun/verb-effect.ts'

/** Throws an ObjectError `invalid_definition` that names the effect and what it lacks. */
export function checkRelated(schema: NounSchema, lookup: NounLookup): void {
  for (const verb of Object.values(schema.verbs))
    for (const [at, effect] of (verb.effect.related ?? []).entries()) {
      const place = `effects.${verb.name}.related[${at}]`
      const before = verb.effect.related?.slice(0, at) ?? []
      for (const target of targetsOf(schema, effect, { lookup, place, before }))
        checkTarget(schema, effect, { target, place })
    }
  checkRules(schema)
  checkFrozenStates(schema, lookup)
}

interface Place {
  readonly place: string
}

/** Returns the Nouns on which the effect acts. */
function targetsOf(
  schema: NounSchema,
  effect: RelatedEffect,
  { lookup, place, before }: Place & { readonly lookup: NounLookup; readonly before: readonly RelatedEffect[] },
): readonly NounSchema[] {
  if (effect.kind === 'merge') return []
  const isMissing = (other: RelatedEffect): boolean =>
    'noun' in other && other.ifKnown === true && lookup(other.noun)?.service === undefined
  if (isMissing(effect)) return []
  const named = before.filter((other) => !isMissing(other))
  const names = 'noun' in effect ? [effect.noun] : nounsOf(schema, effect.of, named)
  return names.map((name) => {
    const target = lookup(name)
    if (target === undefined) throw invalidEffect(schema, place, `names the unknown Noun '${name.slice(0, 64)}'`)
    return target
  })
}

/** `before`: the effects in whose `as` the name may be. */
function nounsOf(schema: NounSchema, of: string, before: readonly RelatedEffect[]): readonly string[] {
  if (of === '$self') return [schema.name]
  if (!of.startsWith('$')) return relatedNouns(schema, of)
  return before.flatMap((effect) => ('noun' in effect && effect.as === of ? [effect.noun] : []))
}

function checkTarget(
  schema: NounSchema,
  effect: RelatedEffect,
  { target, place }: Place & { readonly target: NounSchema },
): void {
  switch (effect.kind) {
    case 'find':
      return checkFind(schema, effect, { target, place })
    case 'create':
      if (effect.find !== undefined) checkFind(schema, { by: effect.find }, { target, place })
      if (effect.verb !== undefined && target.verbs[effect.verb]?.effect.creates !== true)
        throw invalidEffect(schema, place, `creates by '${effect.verb.slice(0, 64)}', which ${target.name} does not`)
      checkSets(schema, effect.sets, { target, place })
      for (const field of Object.values(target.fields))
        if (
          field.kind !== 'reverse' &&
          field.required &&
          !Object.hasOwn(effect.sets, field.name) &&
          !hasDefault(field) &&
          !Object.hasOwn(target.fills, field.name)
        )
          throw invalidEffect(schema, place, `must set ${target.name}.${field.name}, which is required`)
      return
    case 'update':
      return checkSets(schema, effect.sets, { target, place })
    case 'touch':
      checkSets(schema, effect.sets, { target, place })
      for (const name of Object.keys(effect.sets)) {
        const field = target.fields[name]
        const isTime = field?.kind === 'data' && !field.many && (field.type === 'datetime' || field.type === 'date')
        if (!isTime)
          throw invalidEffect(schema, place, `touches ${target.name}.${name}, which is not a datetime or date`)
      }
      return
    case 'call': {
      const verb = Object.hasOwn(target.verbs, effect.verb) ? target.verbs[effect.verb] : undefined
      if (verb === undefined || (verb.category === 'crud' && verb.name !== 'delete'))
        throw invalidEffect(
          schema,
          place,
          `calls '${effect.verb.slice(0, 64)}', which is neither a custom verb of ${target.name} nor delete`,
        )
      const { argumentsOnly = [], argumentAliases = {} } = verb.effect
      for (const name of Object.keys(effect.with ?? {})) {
        const isArgument = argumentsOnly.includes(name) || Object.hasOwn(argumentAliases, name)
        if (!isArgument && storedField(target, name) === undefined)
          throw invalidEffect(
            schema,
            place,
            `passes the unknown argument '${name.slice(0, 64)}' to ${target.name}.${verb.name}`,
          )
      }
      return
    }
    default:
      return
  }
}

/** Throws unless an index finds the entity. */
function checkFind(
  schema: NounSchema,
  { by, has = [] }: { readonly by: EffectValues; readonly has?: readonly string[] },
  { target, place }: Place & { readonly target: NounSchema },
): void {
  const fields = Object.keys(by).filter((name) => name !== '$id')
  for (const name of [...fields, ...has])
    if (storedField(target, name) === undefined)
      throw invalidEffect(schema, place, `finds by the unknown stored field ${target.name}.${name.slice(0, 64)}`)
  const isIndexed = (name: string): boolean => storedField(target, name)?.indexed === true
  if (Object.hasOwn(by, '$id') || fields.some(isIndexed)) return
  throw invalidEffect(schema, place, `must find ${target.name} by its $id or by an indexed field`)
}

function checkSets(
  schema: NounSchema,
  sets: EffectValues,
  { target, place }: Place & { readonly target: NounSchema },
): void {
  for (const [name, value] of Object.entries(sets)) {
    const field = storedField(target, name)
    if (field === undefined)
      throw invalidEffect(schema, place, `sets the unknown stored field ${target.name}.${name.slice(0, 64)}`)
    if (value.kind === 'clear' && field.required)
      throw invalidEffect(schema, place, `clears ${target.name}.${name}, which is required`)
    for (const constant of constantsOf(value)) {
      const checked = checkEffectValue(field, constant)
      if (!checked.ok) throw invalidEffect(schema, place, `sets ${target.name}.${name}, which ${checked.message}`)
    }
  }
}

/** A rule may depend on the state of another entity, whose Noun must have that state. */
function checkFrozenStates(schema: NounSchema, lookup: NounLookup): void {
  for (const [at, { while: state }] of amountRulesOf(schema).frozen.entries()) {
    const [reference = '', name] = state?.field.split('.') ?? []
    if (state === undefined || name === undefined) continue
    for (const noun of relatedNouns(schema, reference)) {
      const field = lookup(noun)?.fields[name]
      const unknown = field?.kind === 'enum' ? state.values.find((value) => !field.values.includes(value)) : name
      if (unknown === undefined) continue
      const place = `frozen[${at}].while`
      throw invalidEffect(
        schema,
        place,
        `expects states of ${noun}.${name.slice(0, 64)}, got '${unknown.slice(0, 64)}'`,
      )
    }
  }
}

/** A rule must be able to do what it says: cascading needs the verb `delete`, and clearing the verb `update`. */
function checkRules(schema: NounSchema): void {
  for (const field of Object.values(schema.fields)) {
    if (field.kind !== 'reference') continue
    const { onDelete: rule } = field
    const fate = typeof rule === 'string' ? rule : rule.otherwise
    const verb = fate === 'cascade' ? 'delete' : fate === 'clear' ? 'update' : undefined
    if (verb === undefined || Object.hasOwn(schema.verbs, verb)) continue
    throw invalidDefinition(
      `onDelete.${field.name}`,
      `${schema.name}: onDelete.${field.name} is ${fate}, and ${schema.name} has no ${verb}`,
    )
  }
}

function hasDefault(field: StoredField): boolean {
  if (field.kind === 'data' && field.sum !== undefined) return true
  return field.kind !== 'reference' && field.default !== undefined
}

function storedField(schema: NounSchema, name: string): StoredField | undefined {
  const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
  return field === undefined || field.kind === 'reverse' ? undefined : field
}

function invalidEffect({ name }: NounSchema, place: string, message: string): ObjectError {
  return invalidDefinition(place, `${name}: ${place} ${message}`)
}
