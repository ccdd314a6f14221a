// Checks the effects of a Noun's verbs against its fields and verbs. `check-related.ts` checks the other Nouns that they name.

import type { JsonValue } from '../base/entity.ts'
import type { NounDefinition } from './definition.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import type { Field, StoredField } from './schema.ts'
import { checkEffectValue } from './validate-value.ts'
import type { EffectValue, RelatedEffect } from './verb-effect.ts'

const relatedMax = 20

interface EffectMembers {
  readonly fields: Readonly<Record<string, Field>>
  /** Maps a custom verb to its event. */
  readonly events: Readonly<Record<string, string>>
  /** The verbs that only have effects on other entities. */
  readonly crud: readonly string[]
}

/** Throws an ObjectError `invalid_definition`. */
export function checkEffects(
  noun: string,
  { events, fields, crud }: EffectMembers,
  effects: NonNullable<NounDefinition['effects']>,
): void {
  for (const [verb, effect] of Object.entries(effects)) {
    const shown = verb.slice(0, 64)
    const isCrud = crud.includes(verb)
    if (!isCrud && !Object.hasOwn(events, verb))
      throw invalidMember(noun, `effects.${shown}`, `unknown verb '${shown}'`)
    if (isCrud && Object.keys(effect ?? {}).some((part) => part !== 'related'))
      throw invalidMember(noun, `effects.${shown}`, `${shown} can only have 'related' effects, on other entities`)
    for (const [name, value] of Object.entries(effect?.sets ?? {})) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (field === undefined || field.kind === 'reverse')
        throw invalidMember(noun, `effects.${shown}`, `unknown stored field '${name.slice(0, 64)}'`)
      if (value !== undefined && usesId(value))
        throw invalidMember(noun, `effects.${shown}`, `the kind 'id' is for effects on related entities`)
      checkConstants({ noun, verb: shown, field }, value)
    }
    checkRelated({ noun, verb: shown, fields, argumentsOnly: effect?.argumentsOnly ?? [] }, effect?.related ?? [])
  }
}

interface Owner {
  readonly noun: string
  readonly verb: string
  readonly fields: Readonly<Record<string, Field>>
  readonly argumentsOnly: readonly string[]
}

function checkRelated(owner: Owner, related: readonly RelatedEffect[]): void {
  const { noun, verb, fields, argumentsOnly } = owner
  if (related.length > relatedMax)
    throw invalidMember(noun, `effects.${verb}.related`, `at most ${relatedMax} effects, got ${related.length}`)
  const fieldOf = (name: string): Field | undefined => (Object.hasOwn(fields, name) ? fields[name] : undefined)
  for (const [at, effect] of related.entries()) {
    const place = `effects.${verb}.related[${at}]`
    const shown = (name: string): string => `'${name.slice(0, 64)}'`
    if (effect.when !== undefined && !isStored(fieldOf(effect.when.field)))
      throw invalidMember(noun, place, `${place} tests the unknown stored field ${shown(effect.when.field)}`)
    if ('of' in effect && !isRelation(fieldOf(effect.of)))
      throw invalidMember(noun, place, `${place} expects a relation of ${noun}, got ${shown(effect.of)}`)
    if (effect.kind === 'merge' && !argumentsOnly.includes(effect.from))
      throw invalidMember(noun, place, `${place} expects ${shown(effect.from)} among the argumentsOnly of ${verb}`)
    if (effect.kind !== 'create' || effect.as === undefined) continue
    const link = fieldOf(effect.as)
    if (link?.kind !== 'reference' || link.many || !link.to.includes(effect.noun))
      throw invalidMember(
        noun,
        place,
        `${place} expects a reference to ${effect.noun.slice(0, 64)} in 'as', got ${shown(effect.as)}`,
      )
  }
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
      return usesId(value.value)
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
      return [effect.then, effect.otherwise].flatMap(constantsOf)
    case 'ifEmpty':
      return constantsOf(effect.value)
    default:
      return []
  }
}

function invalidMember(noun: string, field: string, message: string): ObjectError {
  return invalidDefinition(field, `${noun}: ${message}`)
}
