// Parses a Noun from untrusted JSON in the form of `definition.ts`. It checks every part, and an error names the field.

import type { WhileState } from './amount-rules.ts'
import type {
  BoundDefinition,
  FieldTexts,
  FrozenDefinition,
  NounDefinition,
  PathIndexDefinition,
  StateDefinition,
  TransitionDefinition,
} from './definition.ts'
import { isPlainObject } from '../base/is-object.ts'
import { checkDefinition } from './check-definition.ts'
import { nearestName } from '../base/nearest-name.ts'
import { makeNoun, type Noun } from './noun.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { type NounRole, nounRoles } from './role.ts'
import { parseDeletionRule } from './parse-deletion-rule.ts'
import { parseEffect, parseEffectValues, WrongEffect } from './parse-effect.ts'
import type { EffectValues } from './verb-effect.ts'
import { parseSchedule, WrongSchedule } from './parse-schedule.ts'
import type { ScheduleDefinition } from './schedule.ts'

const parts = [
  'fields',
  'about',
  'descriptions',
  'indexes',
  'state',
  'transitions',
  'strict',
  'states',
  'categories',
  'effects',
  'onDelete',
  'bounds',
  'fills',
  'numbers',
  'frozen',
  'schedules',
  'role',
] as const
/** Limits the fields and verbs of one Noun, stored and computed fields together. */
const textsMax = 250
const textCharactersMax = 1_000

type Json = Readonly<Record<string, unknown>>
/** The part of a definition that is parsed, for error messages. */
interface Part {
  readonly noun: string
  readonly field: string
}

/** Throws an ObjectError `invalid_definition`. */
export function parseNoun(name: string, value: unknown): Noun<string, FieldTexts> {
  const definition = parseDefinition(name, value)
  if (Object.keys(definition.fields).length > 0) {
    const noun = makeNoun(name, definition)
    checkDefinition(noun.$schema)
    return noun
  }
  throw invalidPart({ noun: name, field: 'fields' }, `1 to ${textsMax} fields and verbs, got 0`)
}

/** Parses additions to a Noun, which need no fields. Throws an ObjectError `invalid_definition`. */
export function parseAdditions(noun: string, value: unknown): NounDefinition {
  const hasFields = !isPlainObject(value) || value['fields'] !== undefined
  return parseDefinition(noun, hasFields ? value : { ...value, fields: {} })
}

/** Checks the form of a definition. `makeSchema` and `checkDefinition` check its meaning. */
function parseDefinition(noun: string, value: unknown): NounDefinition {
  if (!isPlainObject(value))
    throw invalidPart({ noun, field: 'definition' }, `an object such as {"fields":{"name":"string!"}}`, value)
  for (const name of Object.keys(value)) {
    if ((parts as readonly string[]).includes(name)) continue
    const nearest = nearestName(name, parts)
    const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
    const part = name.slice(0, 64)
    const known = `the parts are ${parts.join(', ')}${hint}`
    throw invalidDefinition(part, `${noun.slice(0, 64)}: '${part}' is not a part of a definition; ${known}`)
  }
  const { about, descriptions, indexes, state, transitions, strict, states, categories, effects, onDelete, schedules } =
    value
  const { bounds, fills, numbers, frozen, role } = value
  return {
    fields: parseFieldTexts(noun, value['fields']),
    ...(about === undefined ? {} : { about: parseText({ noun, field: 'about' }, about) }),
    ...(descriptions === undefined
      ? {}
      : { descriptions: parseTextMap({ noun, field: 'descriptions' }, descriptions) }),
    ...(indexes === undefined ? {} : { indexes: parseList({ noun, field: 'indexes' }, indexes).map(indexOf(noun)) }),
    ...(state === undefined ? {} : { state: parseText({ noun, field: 'state' }, state) }),
    ...(transitions === undefined
      ? {}
      : { transitions: parseList({ noun, field: 'transitions' }, transitions).map(transitionOf(noun)) }),
    ...(strict === undefined ? {} : { strict: parseBoolean({ noun, field: 'strict' }, strict) }),
    ...(states === undefined ? {} : { states: parseStates(noun, states) }),
    ...(categories === undefined ? {} : { categories: parseTextMap({ noun, field: 'categories' }, categories) }),
    ...(effects === undefined ? {} : { effects: parseEffects(noun, effects) }),
    ...(onDelete === undefined ? {} : { onDelete: parseRules(noun, onDelete) }),
    ...(bounds === undefined ? {} : { bounds: parseList({ noun, field: 'bounds' }, bounds).map(boundOf(noun)) }),
    ...(fills === undefined ? {} : { fills: parseFills(noun, fills) }),
    ...(numbers === undefined ? {} : { numbers: parseNumbers(noun, numbers) }),
    ...(frozen === undefined ? {} : { frozen: parseList({ noun, field: 'frozen' }, frozen).map(frozenOf(noun)) }),
    ...(schedules === undefined
      ? {}
      : { schedules: parseList({ noun, field: 'schedules' }, schedules).map(scheduleOf(noun)) }),
    ...(role === undefined ? {} : { role: parseRole(noun, role) }),
  }
}

function parseRole(noun: string, value: unknown): NounRole {
  const role = nounRoles.find((one) => one === value)
  if (role !== undefined) return role
  throw invalidPart({ noun, field: 'role' }, nounRoles.join(', '), value)
}

function parseFieldTexts(noun: string, value: unknown): FieldTexts {
  if (!isPlainObject(value)) throw invalidPart({ noun, field: 'fields' }, `an object such as {"name":"string!"}`, value)
  const entries = Object.entries(value)
  if (entries.length > textsMax)
    throw invalidPart({ noun, field: 'fields' }, `at most ${textsMax} fields and verbs, got ${entries.length}`)
  return Object.fromEntries(
    entries.map(
      ([name, text]) => [name, text === null ? null : parseText({ noun, field: name.slice(0, 64) }, text)] as const,
    ),
  )
}

function indexOf(noun: string): (value: unknown, at: number) => PathIndexDefinition {
  return (value, at) => {
    const field = `indexes[${at}]`
    const { path, unique } = parseParts(noun, { field, value, names: ['path', 'unique'] })
    return {
      path: parseText({ noun, field: `${field}.path` }, path),
      ...(unique === undefined ? {} : { unique: parseBoolean({ noun, field: `${field}.unique` }, unique) }),
    }
  }
}

function transitionOf(noun: string): (value: unknown, at: number) => TransitionDefinition {
  return (value, at) => {
    const field = `transitions[${at}]`
    const row = parseParts(noun, { field, value, names: ['from', 'verb', 'to', 'irreversible', 'named'] })
    const { from, verb, to, irreversible, named } = row
    return {
      from: parseList({ noun, field: `${field}.from` }, from).map((text) =>
        parseText({ noun, field: `${field}.from` }, text),
      ),
      verb: parseText({ noun, field: `${field}.verb` }, verb),
      to: parseText({ noun, field: `${field}.to` }, to),
      ...(irreversible === undefined
        ? {}
        : { irreversible: parseBoolean({ noun, field: `${field}.irreversible` }, irreversible) }),
      ...(named === undefined ? {} : { named: parseBoolean({ noun, field: `${field}.named` }, named) }),
    }
  }
}

function parseEffects(noun: string, value: unknown): NonNullable<NounDefinition['effects']> {
  if (!isPlainObject(value)) throw invalidPart({ noun, field: 'effects' }, 'an object of verbs', value)
  return Object.fromEntries(
    Object.entries(value).map(([verb, effect]) => {
      try {
        return [verb, parseEffect(effect)] as const
      } catch (error) {
        if (!(error instanceof WrongEffect)) throw error
        throw invalidPart({ noun, field: `effects.${verb.slice(0, 64)}` }, `an effect: ${error.message}`)
      }
    }),
  )
}

function boundOf(noun: string): (value: unknown, at: number) => string | BoundDefinition {
  return (value, at) => {
    const field = `bounds[${at}]`
    if (typeof value === 'string') return parseText({ noun, field }, value)
    const bound = parseParts(noun, { field, value, names: ['rule', 'while'] })
    return {
      rule: parseText({ noun, field: `${field}.rule` }, bound['rule']),
      ...(bound['while'] === undefined ? {} : { while: parseWhile(noun, `${field}.while`, bound['while']) }),
    }
  }
}

function scheduleOf(noun: string): (value: unknown, at: number) => ScheduleDefinition {
  return (value, at) => {
    try {
      return parseSchedule(value)
    } catch (error) {
      if (!(error instanceof WrongSchedule)) throw error
      throw invalidPart({ noun, field: `schedules[${at}]${error.path}` }, error.message)
    }
  }
}

function frozenOf(noun: string): (value: unknown, at: number) => FrozenDefinition {
  return (value, at) => {
    const field = `frozen[${at}]`
    const rule = parseParts(noun, { field, value, names: ['fields', 'while', 'onCreate', 'delete'] })
    const { fields, onCreate } = rule
    return {
      ...(fields === undefined ? {} : { fields: parseTexts({ noun, field: `${field}.fields` }, fields) }),
      ...(rule['while'] === undefined ? {} : { while: parseWhile(noun, `${field}.while`, rule['while']) }),
      ...(onCreate === undefined ? {} : { onCreate: parseBoolean({ noun, field: `${field}.onCreate` }, onCreate) }),
      ...(rule['delete'] === undefined
        ? {}
        : { delete: parseBoolean({ noun, field: `${field}.delete` }, rule['delete']) }),
    }
  }
}

function parseWhile(noun: string, field: string, value: unknown): WhileState {
  const state = parseParts(noun, { field, value, names: ['field', 'values'] })
  return {
    field: parseText({ noun, field: `${field}.field` }, state['field']),
    values: parseTexts({ noun, field: `${field}.values` }, state['values']),
  }
}

function parseFills(noun: string, value: unknown): NonNullable<NounDefinition['fills']> {
  try {
    return parseEffect({ sets: value }).sets ?? {}
  } catch (error) {
    if (!(error instanceof WrongEffect)) throw error
    throw invalidPart({ noun, field: 'fills' }, `values of fields: ${error.message.replace(/^sets\.?/, '')}`)
  }
}

function parseNumbers(noun: string, value: unknown): NonNullable<NounDefinition['numbers']> {
  if (!isPlainObject(value)) throw invalidPart({ noun, field: 'numbers' }, 'an object of fields', value)
  const entries = Object.entries(value).map(([name, rule]) => {
    const field = `numbers.${name.slice(0, 64)}`
    const { pattern, by } = parseParts(noun, { field, value: rule, names: ['pattern', 'by'] })
    const parsed = {
      pattern: parseText({ noun, field: `${field}.pattern` }, pattern),
      by: parseText({ noun, field: `${field}.by` }, by),
    }
    return [name, parsed] as const
  })
  return Object.fromEntries(entries)
}

function parseStates(noun: string, value: unknown): NonNullable<NounDefinition['states']> {
  if (!isPlainObject(value)) throw invalidPart({ noun, field: 'states' }, 'an object of states', value)
  return Object.fromEntries(Object.entries(value).map(([name, rule]) => [name, stateOf(noun, name, rule)] as const))
}

function stateOf(noun: string, name: string, value: unknown): StateDefinition {
  const field = `states.${name.slice(0, 64)}`
  const { sets, holds } = parseParts(noun, { field, value, names: ['sets', 'holds'] })
  return {
    ...(sets === undefined ? {} : { sets: parseSets({ noun, field: `${field}.sets` }, sets) }),
    ...(holds === undefined
      ? {}
      : { holds: parseList({ noun, field: `${field}.holds` }, holds).map((text) => parseText({ noun, field }, text)) }),
  }
}

function parseSets(part: Part, value: unknown): EffectValues {
  try {
    return parseEffectValues(value)
  } catch (error) {
    if (!(error instanceof WrongEffect)) throw error
    throw invalidPart(part, `values: ${error.message}`)
  }
}

function parseRules(noun: string, value: unknown): NonNullable<NounDefinition['onDelete']> {
  if (!isPlainObject(value)) throw invalidPart({ noun, field: 'onDelete' }, 'an object of references', value)
  const entries = Object.entries(value).map(
    ([name, rule]) => [name, parseDeletionRule({ noun, field: `onDelete.${name.slice(0, 64)}` }, rule)] as const,
  )
  return Object.fromEntries(entries)
}

function parseParts(
  noun: string,
  part: { readonly field: string; readonly value: unknown; readonly names: readonly string[] },
): Json {
  const { field, value, names } = part
  if (!isPlainObject(value)) throw invalidPart({ noun, field }, `an object with ${names.join(', ')}`, value)
  const other = Object.keys(value).find((name) => !names.includes(name))
  if (other !== undefined)
    throw invalidPart({ noun, field }, `an object with ${names.join(', ')}, not '${other.slice(0, 64)}'`)
  return value
}

function parseList(part: Part, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalidPart(part, 'a list', value)
}

function parseTexts(part: Part, value: unknown): readonly string[] {
  return parseList(part, value).map((text) => parseText(part, text))
}

function parseText(part: Part, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= textCharactersMax && value.isWellFormed())
    return value
  throw invalidPart(part, `a string of 1 to ${textCharactersMax} characters`, value)
}

function parseBoolean(part: Part, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalidPart(part, 'true or false', value)
}

function parseTextMap(part: Part, value: unknown): Readonly<Record<string, string>> {
  if (!isPlainObject(value)) throw invalidPart(part, 'an object of strings', value)
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [
      name,
      parseText({ ...part, field: `${part.field}.${name.slice(0, 64)}` }, text),
    ]),
  )
}

/** Adds the received value to the message. Without `value`, `expected` already names it. */
function invalidPart({ noun, field }: Part, expected: string, ...value: readonly unknown[]): ObjectError {
  const got = value.length === 0 ? '' : `, got ${shown(value[0])}`
  return invalidDefinition(field, `${noun.slice(0, 64)}: ${field} expects ${expected}${got}`)
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
