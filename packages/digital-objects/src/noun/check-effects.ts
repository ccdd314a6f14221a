// Checks the effects of a Noun's verbs against its fields and verbs. `check-related.ts` checks the other Nouns that they name.

import type { JsonValue } from '../base/entity.ts'
import { type Condition, type Conditions, listConditions, subjectOf } from './condition.ts'
import type { EffectDefinition } from './definition.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { parseField } from './parse-field.ts'
import type { Field, NounSchema, StoredField } from './schema.ts'
import { checkEffectValue } from './validate-value.ts'
import type { EffectValue, RelatedEffect } from './verb-effect.ts'

const relatedMax = 20
/** The parts that effects of create, update and delete may have. */
const ofCrud = ['related', 'does', 'strangers']

/** Throws an ObjectError `invalid_definition`. */
export function checkEffects({ name: noun, fields, verbs, definition }: NounSchema): void {
  for (const [verb, effect] of Object.entries(definition.effects ?? {})) {
    const shown = verb.slice(0, 64)
    const known = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    const isCrud = known?.category === 'crud'
    if (known === undefined) throw invalidMember(noun, `effects.${shown}`, `unknown verb '${shown}'`)
    if (isCrud && Object.keys(effect ?? {}).some((part) => !ofCrud.includes(part)))
      throw invalidMember(
        noun,
        `effects.${shown}`,
        `${shown} can only have 'related' effects, on other entities, 'does' and 'strangers'`,
      )
    for (const [name, value] of Object.entries(effect?.sets ?? {})) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (field === undefined || field.kind === 'reverse')
        throw invalidMember(noun, `effects.${shown}`, `unknown stored field '${name.slice(0, 64)}'`)
      if (value !== undefined && usesId(value))
        throw invalidMember(
          noun,
          `effects.${shown}`,
          `the kind 'id' is for effects on related entities, and so are names`,
        )
      checkConstants({ noun, verb: shown, field }, value)
    }
    for (const [name, text] of Object.entries(effect?.argumentTypes ?? {})) {
      const place = `effects.${shown}.argumentTypes.${name.slice(0, 64)}`
      const parsed = parseField({ noun, name: place }, text)
      if (effect?.argumentsOnly?.includes(name) !== true || (parsed.kind !== 'data' && parsed.kind !== 'enum'))
        throw invalidMember(noun, place, `${place} expects the type of one of its argumentsOnly`)
    }
    const owner = { noun, verb: shown, fields, argumentsOnly: effect?.argumentsOnly ?? [] }
    checkDemands(owner, effect ?? {})
    checkRelated(owner, effect?.related ?? [])
  }
}

/** Checks the values that fields get at creation. Throws an ObjectError `invalid_definition`. */
export function checkFills({ name: noun, fields, fills }: NounSchema): void {
  for (const [name, value] of Object.entries(fills)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined || field.kind === 'reverse')
      throw invalidMember(noun, 'fills', `unknown stored field '${name.slice(0, 64)}'`)
    if (usesId(value)) throw invalidMember(noun, `fills.${name}`, `the kind 'id' is for effects on related entities`)
    checkConstants({ noun, verb: 'create', field }, value)
    const sources = value.kind === 'following' ? value.fields : []
    for (const source of sources)
      if (!isStored(Object.hasOwn(fields, source) ? fields[source] : undefined))
        throw invalidMember(noun, `fills.${name}`, `follows the unknown stored field '${source.slice(0, 64)}'`)
  }
}

interface Owner {
  readonly noun: string
  readonly verb: string
  readonly fields: Readonly<Record<string, Field>>
  readonly argumentsOnly: readonly string[]
}

/** Checks what a verb demands of its entity, of its caller and of the server. */
function checkDemands({ noun, verb, fields, argumentsOnly }: Owner, effect: EffectDefinition): void {
  const { needs = [], needsFuture = [], answers, argumentsRequired = [], argumentAliases = {}, requires = [] } = effect
  const hasType = (name: string, types: readonly string[]): boolean => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    return field?.kind === 'data' && !field.many && types.includes(field.type)
  }
  const hasField = (name: string): boolean => isStored(Object.hasOwn(fields, name) ? fields[name] : undefined)
  for (const name of effect.analyzes ?? [])
    if (!hasField(name))
      throw invalidMember(noun, `effects.${verb}`, `${verb} analyzes the unknown stored field '${name.slice(0, 64)}'`)
  for (const name of needs.flat())
    if (!hasField(name))
      throw invalidMember(noun, `effects.${verb}`, `${verb} needs the unknown stored field '${name.slice(0, 64)}'`)
  for (const name of argumentsRequired.flat()) {
    if (Object.hasOwn(argumentAliases, name))
      throw invalidMember(noun, `effects.${verb}`, `${verb} requires '${name}', which is an alias: name its field`)
    if (!argumentsOnly.includes(name) && !hasField(name))
      throw invalidMember(noun, `effects.${verb}`, `${verb} requires the unknown argument '${name.slice(0, 64)}'`)
  }
  for (const name of needsFuture)
    if (!hasType(name, ['datetime', 'date']))
      throw invalidMember(
        noun,
        `effects.${verb}`,
        `${verb} needs the future time '${name.slice(0, 64)}', which is none`,
      )
  if (answers !== undefined && !hasType(answers.questions, ['json']))
    throw invalidMember(noun, `effects.${verb}`, `${verb} expects questions in a json field`)
  if (answers?.argument !== undefined && !argumentsOnly.includes(answers.argument))
    throw invalidMember(noun, `effects.${verb}`, `${verb} expects its answers among its argumentsOnly`)
  for (const [at, { connection, when }] of requires.entries()) {
    const place = `effects.${verb}.requires[${at}]`
    if (typeof connection !== 'string' && !hasField(connection.field))
      throw invalidMember(noun, place, `${place} names the unknown stored field '${connection.field.slice(0, 64)}'`)
    if (typeof connection === 'string' && !/^[a-z][a-z0-9-]{0,62}$/.test(connection))
      throw invalidMember(noun, place, `${place} expects a connection in lower case such as mail`)
    checkConditions({ noun, verb, fields, argumentsOnly }, when, { place, names: new Set() })
  }
}

/** Throws unless each condition tests a stored field, an argument of the verb, or one of the names. */
function checkConditions(
  { noun, fields, argumentsOnly }: Owner,
  when: Conditions | undefined,
  { place, names }: { readonly place: string; readonly names: ReadonlySet<string> },
): void {
  const isKnown = (condition: Condition): boolean => {
    if ('named' in condition) return names.has(condition.named)
    const name = 'field' in condition ? condition.field : condition.argument
    const isField = isStored(Object.hasOwn(fields, name) ? fields[name] : undefined)
    return 'field' in condition ? isField : isField || argumentsOnly.includes(name)
  }
  for (const condition of listConditions(when)) {
    if (isKnown(condition)) continue
    const [kind, name] = subjectOf(condition)
    throw invalidMember(noun, place, `${place} tests the unknown ${kind} ${shown(name)}`)
  }
}

function checkRelated(owner: Owner, related: readonly RelatedEffect[]): void {
  const { noun, verb } = owner
  if (related.length > relatedMax)
    throw invalidMember(noun, `effects.${verb}.related`, `at most ${relatedMax} effects, got ${related.length}`)
  const names = new Set<string>()
  for (const [at, effect] of related.entries()) {
    const place = `effects.${verb}.related[${at}]`
    checkConditions(owner, effect.when, { place, names })
    if ('of' in effect) checkActing(owner, effect, { place, names })
    if (effect.kind === 'merge' && !owner.argumentsOnly.includes(effect.from))
      throw invalidMember(noun, place, `${place} expects ${shown(effect.from)} among the argumentsOnly of ${verb}`)
    if ((effect.kind !== 'create' && effect.kind !== 'find') || effect.as === undefined) continue
    if (/^[$][a-z][A-Za-z0-9]{0,62}$/.test(effect.as) && effect.as !== '$self' && effect.as !== '$id') {
      names.add(effect.as)
      continue
    }
    const link = Object.hasOwn(owner.fields, effect.as) ? owner.fields[effect.as] : undefined
    if (link?.kind !== 'reference' || link.many || !link.to.includes(effect.noun))
      throw invalidMember(
        noun,
        place,
        `${place} expects a reference to ${effect.noun.slice(0, 64)} in 'as', or a name such as $made, got ${shown(effect.as)}`,
      )
  }
}

/** Throws unless the effect acts on a relation, on the verb's entity, or on an entity that an effect before has named. */
function checkActing(
  { noun, fields }: Owner,
  { kind, of }: RelatedEffect & { readonly of: string },
  { place, names }: { readonly place: string; readonly names: ReadonlySet<string> },
): void {
  if (isRelation(Object.hasOwn(fields, of) ? fields[of] : undefined)) return
  // The fields that touches move are known from the definitions alone.
  if (kind !== 'touch' && (of === '$self' || names.has(of))) return
  throw invalidMember(noun, place, `${place} expects a relation of ${noun}, got ${shown(of)}`)
}

function shown(name: string): string {
  return `'${name.slice(0, 64)}'`
}

function isStored(field: Field | undefined): boolean {
  return field !== undefined && field.kind !== 'reverse'
}

function isRelation(field: Field | undefined): boolean {
  return field?.kind === 'reference' || field?.kind === 'reverse'
}

function usesId(value: EffectValue): boolean {
  switch (value.kind) {
    case 'id':
      return true
    case 'first':
    case 'sum':
      return value.of.some(usesId)
    case 'when':
      return usesId(value.then) || usesId(value.otherwise)
    case 'ifEmpty':
    case 'append':
    case 'following':
      return usesId(value.value)
    case 'member':
    case 'length':
      return usesId(value.of)
    case 'gain':
      return usesId(value.of) || usesId(value.over)
    case 'object':
      return Object.values(value.members).some(usesId)
    case 'item':
      return usesId(value.list) || usesId(value.equals)
    case 'path':
      return value.path.startsWith('$')
    default:
      return false
  }
}

/** Throws an ObjectError if the effect itself sets a value that the field does not accept. */
function checkConstants(
  { noun, verb, field }: { readonly noun: string; readonly verb: string; readonly field: StoredField },
  effect: EffectValue | undefined,
): void {
  if (effect?.kind === 'clear' && field.required)
    throw invalidMember(noun, field.name, `${verb} clears ${field.name}, which is required`)
  for (const constant of constantsOf(effect)) {
    const checked = checkEffectValue(field, constant)
    if (checked.ok) continue
    const shown = `${verb} sets ${field.name} to '${String(constant).slice(0, 64)}'`
    throw invalidMember(
      noun,
      field.name,
      field.kind === 'enum'
        ? `${shown}, so it must be one of the values`
        : `${shown}, and the field ${checked.message}`,
    )
  }
}

/** Returns the values that an effect itself can set: literals, and the values of `next`. */
export function constantsOf(effect: EffectValue | undefined): readonly JsonValue[] {
  switch (effect?.kind) {
    case 'literal':
      return [effect.value]
    case 'next':
      return effect.values
    case 'first':
      return effect.of.flatMap(constantsOf)
    case 'when':
    case 'ifPast':
      return [effect.then, effect.otherwise].flatMap(constantsOf)
    case 'ifEmpty':
    case 'following':
    case 'ifSet':
    case 'ifGiven':
      return constantsOf(effect.value)
    default:
      return []
  }
}

function invalidMember(noun: string, field: string, message: string): ObjectError {
  return invalidDefinition(field, `${noun}: ${message}`)
}
