// Parses the fields and verbs of a definition, completes its rules, and makes the frozen schema that all other layers use.
// Throws an ObjectError `invalid_definition` that names the field and says what was expected. `checkDefinition` checks the
// rules: the server calls it for each definition that it takes, and the bundle of a client leaves it out.

import { deepFreeze } from '../base/deep-freeze.ts'
import { definedOnly } from '../base/defined-only.ts'
import { conjugate } from './conjugate.ts'
import type { EffectDefinition, FieldTexts, NounDefinition, PathIndexDefinition } from './definition.ts'
import type { DeletionFate } from './deletion-rule.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { parseField } from './parse-field.ts'
import type { Schedule, ScheduleDefinition } from './schedule.ts'
import type { DataField, Field, NounSchema, PathIndex, ReferenceField, StateRule, StoredField, Verb } from './schema.ts'

/** SQLite tables of the platform have at most 100 columns, and the engine uses some. */
const storedFieldsMax = 80
const crudVerbs = ['create', 'update', 'delete'] as const
/** Events by which readers of the log recognize creations, updates and deletions. Custom verbs cannot have them. */
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

interface Members {
  readonly fields: Readonly<Record<string, Field>>
  /** Maps a custom verb to its event. */
  readonly events: Readonly<Record<string, string>>
  readonly disabled: readonly (typeof crudVerbs)[number][]
}

export function makeSchema(name: string, definition: NounDefinition): NounSchema {
  if (!/^[A-Z][A-Za-z0-9]{0,62}$/.test(name))
    throw invalidMember(name, 'name', `a Noun's name must be one PascalCase word, got '${name.slice(0, 100)}'`)
  const { about, service, effects = {} } = definition
  const members = parseMembers(name, definition.fields)
  const indexed = withOneIndexedState(members.fields, definition.fields)
  const withState = withStateDefault(indexed, definition.state)
  const fields = describeAll(withDeletionRules(withState, definition), definition)
  const verbs = describeAll(makeVerbs(members, effects), definition)
  return deepFreeze({
    name,
    idPrefix: name.toLowerCase(),
    version: versionOf(name, definition),
    ...(about === undefined ? {} : { about }),
    ...(service === undefined ? {} : { service }),
    fields,
    verbs,
    disabled: members.disabled,
    searchable: Object.values(fields)
      .filter(isSearchable)
      .map((field) => field.name),
    indexes: (definition.indexes ?? []).map(completeIndex),
    ...stateTableOf(definition),
    strict: definition.strict !== false,
    fills: definedOnly(definition.fills ?? {}),
    schedules: (definition.schedules ?? []).map(completeSchedule),
    ...(definition.role === undefined ? {} : { role: definition.role }),
    // Freezing this copy leaves the caller's definition unfrozen.
    definition: JSON.parse(JSON.stringify(definition)) as NounDefinition,
  })
}

/** Throws an ObjectError if the name cannot be that of a field or verb. Inverses of references have such names too. */
export function checkMemberName(noun: string, name: string): void {
  if (!/^[a-z][A-Za-z0-9]{0,62}$/.test(name) || reserved.includes(name))
    throw invalidMember(noun, name, `'${name.slice(0, 100)}' cannot be the name of a field or verb`)
}

function parseMembers(noun: string, texts: FieldTexts): Members {
  const fields: Record<string, Field> = {}
  const events: Record<string, string> = {}
  const disabled: (typeof crudVerbs)[number][] = []
  for (const [key, text] of Object.entries(texts)) {
    checkMemberName(noun, key)
    const twin = Object.keys(texts).find((other) => other !== key && other.toLowerCase() === key.toLowerCase())
    if (twin !== undefined) throw invalidMember(noun, key, `'${key}' and '${twin}' differ only in letter case`)
    const crud = crudVerbs.find((verb) => verb === key)
    if (text === null) {
      if (crud === undefined) throw invalidMember(noun, key, 'only create, update and delete can be disabled with null')
      disabled.push(crud)
      continue
    }
    const parsed = parseField({ noun, name: key }, text)
    if (crud !== undefined)
      throw invalidMember(noun, key, `${key} is a verb; it cannot be a field or have another event`)
    if (parsed.kind !== 'verb') fields[key] = parsed
    else if (crudEvents.includes(parsed.event))
      throw invalidMember(noun, key, `${key} cannot have the event ${parsed.event}`)
    else events[key] = parsed.event
  }
  const currency = currencyOf(noun, fields)
  if (currency !== undefined) fields[currency.name] = { ...currency, type: 'currency' }
  if (Object.values(fields).filter((field) => field.kind !== 'reverse').length > storedFieldsMax) {
    throw invalidMember(
      noun,
      'fields',
      `a Noun holds at most ${storedFieldsMax} stored fields; move fields that are rarely filtered into a json field`,
    )
  }
  return { fields, events, disabled }
}

/**
 * Requires a currency beside each amount, which would mean nothing without one. A string beside amounts is a currency. Returns
 * the field if it is no enum.
 */
function currencyOf(noun: string, fields: Readonly<Record<string, Field>>): DataField | undefined {
  const amount = Object.values(fields).find((field) => field.kind === 'data' && field.type === 'money')
  const { currency } = fields
  if (amount === undefined || currency?.kind === 'enum') return undefined
  const isCode = currency?.kind === 'data' && (currency.type === 'currency' || currency.type === 'string')
  if (isCode && !currency.many) return currency
  throw invalidMember(
    noun,
    amount.name,
    `money expects a field 'currency' beside it, of the type currency or string, or an enum of ISO 4217 codes`,
  )
}

/** Indexes only one state field by default: a second index with few values costs writes more than it saves reads. */
function withOneIndexedState(
  fields: Readonly<Record<string, Field>>,
  texts: FieldTexts,
): Readonly<Record<string, Field>> {
  const { stage, status } = fields
  const hasTwo = stage?.kind === 'enum' && status?.kind === 'enum' && !String(texts['status']).includes('#')
  return hasTwo ? { ...fields, status: { ...status, indexed: false } } : fields
}

/** Gives the state field a default and an index, because lists are filtered by it: `state: 'mood'`. */
function withStateDefault(
  fields: Readonly<Record<string, Field>>,
  state: string | undefined,
): Readonly<Record<string, Field>> {
  const field = state !== undefined && Object.hasOwn(fields, state) ? fields[state] : undefined
  if (field?.kind !== 'enum' || field.many) return fields
  const [first] = field.values
  if (first === undefined) return fields
  return { ...fields, [field.name]: { ...field, indexed: true, default: field.default ?? first } }
}

/** Gives each reference the rule of the definition, or the default. */
function withDeletionRules(
  fields: Readonly<Record<string, Field>>,
  { fields: texts, onDelete = {} }: NounDefinition,
): Readonly<Record<string, Field>> {
  const isFixed = texts['update'] === null
  const ruled: Record<string, Field> = {}
  for (const [key, field] of Object.entries(fields))
    ruled[key] =
      field.kind === 'reference' ? { ...field, onDelete: onDelete[key] ?? defaultDeletion(field, isFixed) } : field
  return ruled
}

/**
 * A required reference cannot be empty, and nobody asked to delete its entity, so it restricts. Entities that cannot be
 * updated are records of the past and keep theirs. All others are cleared, so that no reference leads nowhere.
 */
function defaultDeletion({ required }: ReferenceField, isFixed: boolean): DeletionFate {
  if (isFixed) return 'keep'
  return required ? 'restrict' : 'clear'
}

function stateTableOf({
  state,
  transitions = [],
  states = {},
  categories = {},
}: NounDefinition): Pick<NounSchema, 'state' | 'transitions' | 'states' | 'categories'> {
  if (state === undefined) return { transitions: [], states: {}, categories: {} }
  const rules: Record<string, StateRule> = {}
  for (const [value, { sets = {}, holds = [] } = {}] of Object.entries(states))
    rules[value] = { sets: definedOnly(sets), holds }
  return {
    state,
    transitions: transitions.map(({ from, verb, to, irreversible = false, named = false }) => ({
      from,
      verb,
      to,
      irreversible,
      ...(named ? { named } : {}),
    })),
    states: rules,
    categories: definedOnly(categories),
  }
}

function completeIndex({ path, unique = false }: PathIndexDefinition): PathIndex {
  const [field = '', ...keys] = path.split('.')
  return { path, field, keys, unique }
}

function completeSchedule({ call, name = call, at = [], when = {}, ...parts }: ScheduleDefinition): Schedule {
  return { call, name, at: typeof at === 'string' ? [at] : at, when, ...parts }
}

function makeVerbs(
  { events, disabled }: Members,
  effects: Readonly<Record<string, EffectDefinition | undefined>>,
): Record<string, Verb> {
  const verbs: Record<string, Verb> = {}
  for (const verb of crudVerbs) {
    if (!disabled.includes(verb)) verbs[verb] = { ...crudVerb(verb), effect: effectOf(effects, verb) }
  }
  for (const [verb, event] of Object.entries(events))
    verbs[verb] = { ...forms(verb, event), category: 'custom', effect: effectOf(effects, verb) }
  return verbs
}

/** Returns a CRUD verb without effects of its own, also of a Noun that disables it for callers. */
export function crudVerb(name: (typeof crudVerbs)[number]): Verb {
  return { ...forms(name), category: 'crud', effect: { sets: {} } }
}

function effectOf(effects: Readonly<Record<string, EffectDefinition | undefined>>, verb: string): Verb['effect'] {
  const effect = Object.hasOwn(effects, verb) ? effects[verb] : undefined
  return { ...effect, sets: definedOnly(effect?.sets ?? {}) }
}

function forms(verb: string, event?: string): Omit<Verb, 'category' | 'effect'> {
  const { verb: name, ...others } = conjugate(verb, event)
  return { name, ...others }
}

const titles = ['name', 'title', 'subject', 'slug', 'email']

function isSearchable(field: Field): field is StoredField {
  if (field.kind !== 'data' || field.many) return false
  if (field.type === 'text') return true
  return ['string', 'email', 'url'].includes(field.type) && (field.indexed || titles.includes(field.name))
}

function describeAll<Member extends object>(
  members: Readonly<Record<string, Member>>,
  { descriptions = {} }: NounDefinition,
): Record<string, Member> {
  const described: Record<string, Member> = {}
  for (const [name, member] of Object.entries(members)) {
    const description = Object.hasOwn(descriptions, name) ? descriptions[name] : undefined
    described[name] = description === undefined ? member : { ...member, description }
  }
  return described
}

/** Ignores descriptions, which do not affect stored data. */
function versionOf(name: string, definition: NounDefinition): string {
  const { fields, effects = {}, indexes, state, transitions, strict, states, categories, onDelete } = definition
  const { bounds, fills, numbers, frozen, schedules, role } = definition
  const rules = {
    indexes,
    state,
    transitions,
    strict,
    states,
    categories,
    onDelete,
    bounds,
    fills,
    numbers,
    frozen,
    schedules,
    role,
  }
  const hasRules = Object.values(rules).some((rule) => rule !== undefined)
  return hashText(JSON.stringify([name, Object.entries(fields), effects, ...(hasRules ? [rules] : [])]))
}

/** Two 32-bit FNV-1a hashes over UTF-16 code units. Not cryptographic: it only tells versions of a definition apart. */
function hashText(text: string): string {
  let [low, high] = [0x811c9dc5, 0x01000193]
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ (unit + at), 0x85ebca6b)
  }
  return [low, high].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

function invalidMember(noun: string, field: string, message: string): ObjectError {
  return invalidDefinition(field, `${noun}: ${message}`)
}
