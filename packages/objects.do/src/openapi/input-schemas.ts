// The JSON Schemas of what the writes of a Noun take: the fields of a new entity, those to change, and the arguments of verbs.

import { type EffectValue, type NounSchema, parseField, storedFields, type Verb } from 'digital-objects'
import { type Json, nounKey } from './components.ts'
import { createSchema, idPatternOf, inputSchema } from './field-schema.ts'

/** The limit of the effect that merges entities. */
const mergedMax = 100
const notNull = { not: { type: 'null' } } as const

/** Returns the schemas by `nounKey`, without the inputs of writes that the Noun does not have. */
export function inputSchemas(noun: NounSchema): Json {
  const { name } = noun
  const verbs = Object.values(noun.verbs)
  const stored = storedFields(noun)
  const properties = Object.fromEntries(stored.map((field) => [field.name, inputSchema(field)]))
  const needs = neededAtCreation(noun, undefined)
  const created = Object.fromEntries(
    stored.map((field) => [field.name, createSchema(field, { isRequired: needs.every.includes(field.name) })]),
  )
  // No caller sends the arguments of a verb that only the server calls.
  const called = verbs.filter(({ effect }) => effect.systemOnly !== true)
  return {
    ...(verbs.some((verb) => verb.name === 'create')
      ? { [nounKey(name, 'Create')]: inputObject(`The fields of a new ${name}.`, created, needs) }
      : {}),
    ...(verbs.some((verb) => verb.name === 'update' || verb.category === 'custom')
      ? {
          [nounKey(name, 'Update')]: inputObject(`The fields of a ${name} to change; null clears a field.`, properties),
        }
      : {}),
    ...Object.assign({}, ...called.map((verb) => verbInputs(noun, verb, properties))),
  }
}

/** The part that is the schema of a verb's body: that of an update, unless the verb has arguments or demands of its own. */
export function verbPart(verb: Verb, { isCreation }: { readonly isCreation: boolean }): string {
  if (isCreation) return `${verb.event}Create`
  return hasOwnInput(verb) ? `${verb.event}Arguments` : 'Update'
}

/** Whether a request without a body lacks something. */
export function needsBody(
  noun: NounSchema,
  verb: Verb | undefined,
  { isCreation }: { readonly isCreation: boolean },
): boolean {
  const { every, anyOf } = isCreation ? neededAtCreation(noun, verb) : demandsOf(verb)
  return every.length > 0 || anyOf.length > 0
}

/** Returns the schemas of a verb's body: for an existing entity, and for a new one. */
function verbInputs(noun: NounSchema, verb: Verb, fields: Readonly<Record<string, Json>>): Json {
  const { name } = noun
  const given = { ...fields, ...ownArguments(noun, verb, fields) }
  const about = `The arguments of ${verb.name}, and the fields of a ${name} to set together with it.`
  const aboutNew = `The arguments of ${verb.name}, and the fields of the new ${name}.`
  return {
    ...(hasOwnInput(verb)
      ? { [nounKey(name, verbPart(verb, { isCreation: false }))]: inputObject(about, given, demandsOf(verb)) }
      : {}),
    ...(verb.effect.creates === true
      ? {
          [nounKey(name, verbPart(verb, { isCreation: true }))]: inputObject(
            aboutNew,
            given,
            neededAtCreation(noun, verb),
          ),
        }
      : {}),
  }
}

/** Names that must have a value, each of them or one of several. */
interface Needs {
  readonly every: readonly string[]
  readonly anyOf: readonly (readonly string[])[]
}

const nothing: Needs = { every: [], anyOf: [] }

/**
 * Generators leave out `not`, which has no type, where `anyOf` would become a union. An absent property and null both count as
 * no value.
 */
function inputObject(
  description: string,
  properties: Readonly<Record<string, Json>>,
  { every, anyOf }: Needs = nothing,
): Json {
  const required = Object.fromEntries(every.map((name) => [name, withoutNull(properties[name] ?? {})]))
  const lacking = anyOf.map((names) => ({
    properties: Object.fromEntries(names.map((name) => [name, { type: 'null' }])),
  }))
  return {
    type: 'object',
    description,
    ...(every.length === 0 ? {} : { required: every }),
    properties: { ...properties, ...required },
    ...(lacking.length === 0 ? {} : { not: lacking.length === 1 ? lacking[0] : { anyOf: lacking } }),
    additionalProperties: false,
  }
}

function withoutNull(schema: Json): Json {
  const { type, anyOf, ...rest } = schema
  if (Array.isArray(type)) return { ...rest, type: type.find((one) => one !== 'null') }
  if (Array.isArray(anyOf)) {
    const [value, ...others] = anyOf.filter((one: Json) => one['type'] !== 'null')
    return others.length === 0 ? { ...(value as Json), ...rest } : { ...rest, anyOf: [value, ...others] }
  }
  return type === undefined && schema['$ref'] === undefined ? { ...schema, ...notNull } : schema
}

function hasOwnInput({ effect }: Verb): boolean {
  const { argumentAliases = {}, argumentsOnly = [], argumentsRequired = [] } = effect
  return Object.keys(argumentAliases).length + argumentsOnly.length + argumentsRequired.length > 0
}

/** What the caller of a verb must send. An alias stands for its field. */
function demandsOf(verb: Verb | undefined): Needs {
  const { argumentsRequired = [], argumentAliases = {} } = verb?.effect ?? {}
  const choices = argumentsRequired.map((demand) =>
    [demand]
      .flat()
      .flatMap((name) => [name, ...Object.keys(argumentAliases).filter((alias) => argumentAliases[alias] === name)]),
  )
  return {
    every: choices.filter(({ length }) => length === 1).flat(),
    anyOf: choices.filter(({ length }) => length > 1),
  }
}

/** What the caller of `create`, or of a verb that creates, must send: required fields that the server does not fill. */
function neededAtCreation(noun: NounSchema, verb: Verb | undefined): Needs {
  const demands = demandsOf(verb)
  const choices = storedFields(noun).flatMap((field): readonly (readonly string[])[] => {
    const isFilled = !field.required || 'default' in field || ('sum' in field && field.sum !== undefined)
    const sources = [noun.fills[field.name], verb?.effect.sets[field.name]].map(sourcesOf)
    return isFilled || sources.includes('always') ? [] : [[...new Set([field.name, ...sources.flat()])]]
  })
  const every = [...new Set([...demands.every, ...choices.filter(({ length }) => length === 1).flat()])]
  const several = [...demands.anyOf, ...choices.filter(({ length }) => length > 1)]
  return { every, anyOf: several.filter((names) => !names.some((name) => every.includes(name))) }
}

/** The arguments from which an effect takes the value of a field at creation; `always` if it needs none. */
function sourcesOf(effect: EffectValue | undefined): 'always' | readonly string[] {
  switch (effect?.kind) {
    case 'literal':
    case 'now':
    case 'today':
    case 'setting':
      return 'always'
    case 'argument':
    case 'field':
    case 'soFar':
      return [effect.name]
    case 'path':
      return effect.path.startsWith('$') ? [] : effect.path.split('.').slice(0, 1)
    case 'ifEmpty':
      return sourcesOf(effect.value)
    case 'first': {
      const sources = effect.of.map(sourcesOf)
      return sources.includes('always') ? 'always' : sources.flat()
    }
    default:
      return []
  }
}

/** The arguments of a verb that are no fields, and other names of fields. */
function ownArguments(
  noun: NounSchema,
  { name: verb, effect }: Verb,
  fields: Readonly<Record<string, Json>>,
): Readonly<Record<string, Json>> {
  const { argumentAliases = {}, argumentsOnly = [], argumentTypes = {}, related = [] } = effect
  const aliases = Object.entries(argumentAliases).map(([alias, field]) => [alias, fields[field] ?? {}] as const)
  const merged = related.flatMap((one) => (one.kind === 'merge' ? one.from : []))
  const own = argumentsOnly.map((name): readonly [string, Json] => {
    const description = `Argument of ${verb}.`
    if (merged.includes(name)) return [name, { description, ...mergedSchema(noun) }]
    const text = argumentTypes[name]
    if (text === undefined) return [name, { description: `Argument of ${verb}: any JSON.` }]
    const field = parseField({ noun: noun.name, name }, text)
    return [name, field.kind === 'verb' || field.kind === 'reverse' ? {} : { ...inputSchema(field), description }]
  })
  return Object.fromEntries([...aliases, ...own])
}

/** One entity to merge, or several. */
function mergedSchema({ idPrefix }: NounSchema): Json {
  const id = { type: 'string', pattern: idPatternOf([idPrefix]) }
  return { anyOf: [id, { type: 'array', items: id, minItems: 1, maxItems: mergedMax }] }
}
