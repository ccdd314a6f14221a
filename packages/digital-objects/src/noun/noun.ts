// `Noun(name, definition)`: an entity type as frozen data. No registry, no side effect; the engine works from such a
// value, never from a built-in list.

import { conjugate } from './conjugate.ts'
import { type CheckedText, type FieldKind, type FieldTexts } from './field-text.ts'
import { ObjectError } from '../base/object-error.ts'
import { parseField } from './parse-field.ts'
import type { Field, NounSchema, StoredField, Verb } from './schema.ts'
import { type StandardSchema, standardSchemaOf } from './standard-schema.ts'
import type { EffectValue, VerbEffect } from './verb-effect.ts'
import type { CreateInput } from './entity-types.ts'

export interface Noun<Name extends string, Fields extends FieldTexts> {
  readonly $name: Name
  readonly $definition: Fields
  readonly $schema: NounSchema
  /** Standard Schema v1, for what a creation takes. */
  readonly '~standard': StandardSchema<CreateInput<Noun<Name, Fields>>>
}

/** The custom verbs of a definition: `{ qualify: 'Qualified' }` -> `'qualify'`. */
export type CustomVerb<Fields extends FieldTexts> = {
  [Name in keyof Fields & string]: FieldKind<Fields[Name]> extends 'verb' ? Name : never
}[keyof Fields & string]
type StoredName<Fields extends FieldTexts> = {
  [Name in keyof Fields & string]: FieldKind<Fields[Name]> extends 'data' | 'enum' | 'reference' ? Name : never
}[keyof Fields & string]

export interface NounOptions<Fields extends FieldTexts> {
  /** What each verb does beyond setting the state that its event names. */
  readonly effects?: {
    readonly [Name in CustomVerb<Fields>]?: Partial<Omit<VerbEffect, 'sets'>> & {
      readonly sets?: { readonly [Field in StoredName<Fields>]?: VerbEffect['sets'][string] }
    }
  }
}

/** SQLite tables hold 100 columns; some are the engine's own. */
const storedFieldsMax = 88
const crudVerbs = ['create', 'update', 'delete'] as const
/** Whoever reads the log takes what was deleted for gone. */
const crudEvents = crudVerbs.map((verb) => conjugate(verb).event)
const reserved = [
  'get',
  'find',
  'findOne',
  'count',
  'rollback',
  'history',
  'diff',
  'constructor',
  'prototype',
  'then',
  'toString',
  'valueOf',
  'hasOwnProperty',
]

/** Throws an ObjectError `invalid_definition` that names the field and what was expected. */
export function Noun<const Name extends string, const Fields extends FieldTexts>(
  name: Name,
  definition: { readonly [Key in keyof Fields]: CheckedText<Key, Fields[Key]> },
  options: NounOptions<Fields> = {},
): Noun<Name, Fields> {
  const schema = makeSchema(name, definition, options.effects ?? {})
  return Object.freeze({
    $name: name,
    $definition: Object.freeze({ ...definition }),
    $schema: schema,
    '~standard': standardSchemaOf(schema),
  }) as Noun<Name, Fields>
}

type Effects = Readonly<
  Record<
    string,
    | (Partial<Omit<VerbEffect, 'sets'>> & { readonly sets?: Readonly<Record<string, EffectValue | undefined>> })
    | undefined
  >
>

function makeSchema(name: string, definition: FieldTexts, effects: Effects): NounSchema {
  if (!/^[A-Z][A-Za-z0-9]{0,62}$/.test(name))
    throw wrong(name, 'name', `a Noun's name is one PascalCase word, got '${name}'`)
  const fields: Record<string, Field> = {}
  const events: Record<string, string> = {}
  const disabled: (typeof crudVerbs)[number][] = []
  for (const [key, text] of Object.entries(definition)) {
    if (!/^[a-z][A-Za-z0-9]{0,62}$/.test(key) || reserved.includes(key))
      throw wrong(name, key, `'${key}' cannot be the name of a field or verb`)
    const crud = crudVerbs.find((verb) => verb === key)
    if (text === null) {
      if (crud === undefined) throw wrong(name, key, 'only create, update and delete can be taken away with null')
      disabled.push(crud)
      continue
    }
    const parsed = parseField({ noun: name, name: key }, text)
    if (parsed.kind !== 'verb') fields[key] = parsed
    else if (crud !== undefined) throw wrong(name, key, `${key} keeps its own event`)
    else if (crudEvents.includes(parsed.event)) throw wrong(name, key, `${key} cannot have the event ${parsed.event}`)
    else events[key] = parsed.event
  }
  if (Object.values(fields).filter((field) => field.kind !== 'reverse').length > storedFieldsMax) {
    throw wrong(
      name,
      'fields',
      `a Noun holds at most ${storedFieldsMax} stored fields; put what is seldom filtered by into a json field`,
    )
  }
  // One state field is indexed by itself: a second index of few values would cost each write more than it gives.
  const { stage, status } = fields
  if (stage?.kind === 'enum' && status?.kind === 'enum' && !String(definition['status']).includes('#')) {
    fields['status'] = { ...status, indexed: false }
  }
  return deepFreeze({
    name,
    idPrefix: name.toLowerCase(),
    version: hashText(JSON.stringify([name, Object.entries(definition), effects])),
    fields,
    verbs: makeVerbs(events, disabled, effects),
    disabled,
    searchable: Object.values(fields)
      .filter(isSearchable)
      .map((field) => field.name),
  })
}

function makeVerbs(
  events: Readonly<Record<string, string>>,
  disabled: readonly string[],
  effects: Effects,
): Record<string, Verb> {
  const verbs: Record<string, Verb> = {}
  for (const verb of crudVerbs) {
    if (!disabled.includes(verb)) verbs[verb] = { ...forms(verb), category: 'crud', effect: { sets: {} } }
  }
  for (const [verb, event] of Object.entries(events)) {
    const effect = Object.hasOwn(effects, verb) ? effects[verb] : undefined
    verbs[verb] = {
      ...forms(verb, event),
      category: 'custom',
      effect: { ...effect, sets: definedOnly(effect?.sets ?? {}) },
    }
  }
  return verbs
}

function definedOnly(sets: Readonly<Record<string, EffectValue | undefined>>): Record<string, EffectValue> {
  const defined: Record<string, EffectValue> = {}
  for (const [name, value] of Object.entries(sets)) if (value !== undefined) defined[name] = value
  return defined
}

function forms(verb: string, event?: string): Omit<Verb, 'category' | 'effect'> {
  const { verb: name, ...others } = conjugate(verb, event)
  return { name, ...others }
}

const titles = ['name', 'title', 'subject', 'slug', 'email']

function isSearchable(field: Field): field is StoredField {
  return (
    field.kind === 'data' &&
    ['string', 'email', 'url'].includes(field.type) &&
    (field.indexed || titles.includes(field.name))
  )
}

/** FNV-1a over UTF-16 code units, twice 32 bits: tells versions of a definition apart, and is no secret. */
function hashText(text: string): string {
  let [low, high] = [0x811c9dc5, 0x01000193]
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ (unit + at), 0x85ebca6b)
  }
  return [low, high].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}

function wrong(noun: string, field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_definition', field, message: `${noun}: ${message}` })
}
