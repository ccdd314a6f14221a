// Checks a verb's effect that was sent as JSON: each kind must have exactly its own parts. `verb-effect.ts` defines them.

import { isPlainObject } from '../base/is-object.ts'
import type { EffectDefinition } from './definition.ts'
import { type EffectValue, type EffectValues, type RelatedEffect, textSettings } from './verb-effect.ts'
import { verbKinds } from './verb-kind.ts'

/** The message says what was expected and where in the effect. `parseNoun` adds the Noun and the verb. */
export class WrongEffect extends Error {}

const depthMax = 24
const itemsMax = 100

/** Throws when the value is not of the form. */
type Check = (value: unknown, at: Place) => void
interface Place {
  readonly path: string
  readonly depth: number
}

const isText: Check = (value, at) => {
  if (typeof value !== 'string' || value === '' || value.length > 1_000) throw expected('a string', at)
}
const isScalar: Check = (value, at) => {
  const isFinite = typeof value !== 'number' || Number.isFinite(value)
  if (!['string', 'number', 'boolean'].includes(typeof value) || !isFinite)
    throw expected('a string, a number or a boolean', at)
}
const isSetting: Check = (value, at) => {
  if (!textSettings.some((name) => name === value)) throw expected(`one of ${textSettings.join(', ')}`, at)
}
const isEdge: Check = (value, at) => {
  if (value !== 'start' && value !== 'end') throw expected('start or end', at)
}
const isVerbKind: Check = (value, at) => {
  if (!verbKinds.some((kind) => kind === value)) throw expected(`one of ${verbKinds.join(', ')}`, at)
}
const isNumber: Check = (value, at) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw expected('a number', at)
}
const isCount: Check = (value, at) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > 10_000)
    throw expected('a whole number from 1 to 10000', at)
}
const isBoolean: Check = (value, at) => {
  if (typeof value !== 'boolean') throw expected('true or false', at)
}
const listOf =
  (check: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value) || value.length > itemsMax) throw expected(`a list of at most ${itemsMax}`, at)
    for (const [index, item] of value.entries()) check(item, { path: `${at.path}[${index}]`, depth: at.depth + 1 })
  }
const mapOf =
  (check: Check): Check =>
  (value, at) => {
    if (!isPlainObject(value)) throw expected('an object', at)
    for (const [name, item] of Object.entries(value)) check(item, { path: `${at.path}.${name}`, depth: at.depth + 1 })
  }
const isValue: Check = (value, at) => {
  if (at.depth > depthMax) throw expected(`an effect of at most ${depthMax} levels`, at)
  const kind = isPlainObject(value) ? value['kind'] : undefined
  const parts = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind as EffectValue['kind']] : undefined
  if (parts === undefined) throw expected(`an object whose kind is one of ${Object.keys(kinds).join(', ')}`, at)
  checkParts(value, { required: { ...parts, kind: isText }, optional: optionalParts[String(kind)] ?? {} }, at)
}

const optionalParts: Readonly<Record<string, Readonly<Record<string, Check>> | undefined>> = {
  item: { isNext: isBoolean },
  ifPast: { at: isValue },
  total: { sum: isText },
  records: {
    ifKnown: isBoolean,
    joins: (value, at) => checkParts(value, { required: { list: isValue, member: isText } }, at),
  },
}

const isPath: Check = (value, at) => {
  if (typeof value !== 'string' || !/^[$]?[a-z][A-Za-z0-9]{0,62}(?:\.[A-Za-z][A-Za-z0-9]{0,62}){0,3}$/.test(value))
    throw expected('a path such as contact.organization', at)
}

const kinds: Readonly<Record<EffectValue['kind'], Readonly<Record<string, Check>>>> = {
  literal: { value: isScalar },
  now: {},
  today: {},
  argument: { name: isText },
  field: { name: isText },
  add: { amount: isNumber },
  clear: {},
  next: { values: listOf(isText) },
  first: { of: listOf(isValue) },
  when: { field: isText, equals: isScalar, then: isValue, otherwise: isValue },
  ifEmpty: { value: isValue },
  sum: { of: listOf(isValue) },
  arguments: { names: listOf(isText) },
  append: { value: isValue, itemsMax: isCount },
  path: { path: isPath },
  member: { of: isValue, name: isText },
  previous: { name: isText },
  ofItem: { name: isText },
  object: { members: mapOf(isValue) },
  item: { list: isValue, key: isText, equals: isValue, gives: isText },
  minutesToRead: { field: isText },
  total: { noun: isText, filter: isValue },
  records: { noun: isText, by: isText, members: mapOf(isText) },
  without: { of: isValue, member: isText },
  length: { of: isValue },
  gain: { of: isValue, over: isValue },
  setting: { name: isSetting },
  durationAfter: { time: isValue, duration: isValue },
  target: { since: isValue, setting: isText, by: isText },
  createdAt: {},
  following: { fields: listOf(isText), value: isValue },
  ifSet: { field: isText, value: isValue },
  ifGiven: { argument: isText, value: isValue },
  ifPast: { field: isText, then: isValue, otherwise: isValue },
  soFar: { name: isText },
  product: { of: listOf(isValue) },
  daysAfter: { time: isValue, days: isValue },
  list: { of: listOf(isValue) },
  line: { of: mapOf(isValue) },
  period: { edge: isEdge, at: isValue, anchor: isValue, interval: isValue, count: isValue, zone: isValue },
  prorated: { amount: isValue, start: isText, end: isText },
  shortfall: { of: isValue },
  periodAfter: { start: isText, end: isText },
  id: {},
}

const tests: Readonly<Record<string, Check>> = { equals: isScalar, not: isScalar, in: listOf(isScalar), has: isBoolean }

/** A condition has one subject, `field`, `argument` or `named`, and one test. */
const isCondition: Check = (value, at) => {
  const names = isPlainObject(value) ? Object.keys(value) : []
  const subject = ['argument', 'named'].find((name) => names.includes(name)) ?? 'field'
  const test = Object.keys(tests).find((name) => names.includes(name))
  if (test === undefined) throw expected(`a condition with one of ${Object.keys(tests).join(', ')}`, at)
  checkParts(value, { required: { [subject]: isText, [test]: tests[test] ?? isScalar } }, at)
}
const isConditions: Check = (value, at) => (Array.isArray(value) ? listOf(isCondition) : isCondition)(value, at)

const isNeed: Check = (value, at) => (Array.isArray(value) ? listOf(isText) : isText)(value, at)
const isConnection: Check = (value, at) => {
  if (isPlainObject(value)) checkParts(value, { required: { field: isText } }, at)
  else isText(value, at)
}
const isRequirement: Check = (value, at) =>
  checkParts(
    value,
    { required: { connection: isConnection }, optional: { when: isConditions, unlessGiven: listOf(isText) } },
    at,
  )

const related: Readonly<
  Record<
    RelatedEffect['kind'],
    { readonly required: Readonly<Record<string, Check>>; readonly optional?: Readonly<Record<string, Check>> }
  >
> = {
  create: {
    required: { noun: isText, sets: mapOf(isValue) },
    optional: {
      verb: isText,
      find: mapOf(isValue),
      as: isText,
      each: isValue,
      ifKnown: isBoolean,
    },
  },
  find: {
    required: { noun: isText, by: mapOf(isValue), as: isText },
    optional: { required: isBoolean, ifKnown: isBoolean, has: listOf(isText) },
  },
  update: { required: { of: isText, sets: mapOf(isValue) }, optional: { where: isConditions } },
  call: { required: { of: isText, verb: isText }, optional: { with: mapOf(isValue), where: isConditions } },
  touch: { required: { of: isText, sets: mapOf(isValue) }, optional: { where: isConditions } },
  merge: { required: { from: isText } },
}
const isRelated: Check = (value, at) => {
  const kind = isPlainObject(value) ? value['kind'] : undefined
  const parts =
    typeof kind === 'string' && Object.hasOwn(related, kind) ? related[kind as RelatedEffect['kind']] : undefined
  if (parts === undefined) throw expected(`an object whose kind is one of ${Object.keys(related).join(', ')}`, at)
  const { required, optional = {} } = parts
  const conditions = { when: isConditions, unlessCausedBy: listOf(isText) }
  checkParts(value, { required: { ...required, kind: isText }, optional: { ...optional, ...conditions } }, at)
}

const guard: Check = (value, at) =>
  checkParts(value, { required: { field: isText, values: listOf(isText), hard: isBoolean } }, at)

const isStrangers: Check = (value, at) =>
  checkParts(value, { required: { origin: isText }, optional: { when: isConditions } }, at)

const isAnswers: Check = (value, at) =>
  checkParts(value, { required: { questions: isText }, optional: { argument: isText } }, at)

/** Throws WrongEffect. */
export function parseEffect(value: unknown): EffectDefinition {
  const optional = {
    sets: mapOf(isValue),
    from: guard,
    argumentAliases: mapOf(isText),
    argumentsOnly: listOf(isText),
    argumentsRequired: listOf(isNeed),
    needs: listOf(isNeed),
    needsFuture: listOf(isText),
    answers: isAnswers,
    requires: listOf(isRequirement),
    argumentTypes: mapOf(isText),
    creates: isBoolean,
    repeats: isBoolean,
    systemOnly: isBoolean,
    does: listOf(isVerbKind),
    strangers: isStrangers,
    analyzes: listOf(isText),
    related: listOf(isRelated),
  }
  checkParts(value, { required: {}, optional }, { path: '', depth: 0 })
  return value as EffectDefinition // every part was checked
}

/** Checks the values that a state gives to fields. Throws WrongEffect. */
export function parseEffectValues(value: unknown): EffectValues {
  mapOf(isValue)(value, { path: '', depth: 0 })
  return value as EffectValues // every value was checked
}

function checkParts(
  value: unknown,
  parts: { readonly required: Readonly<Record<string, Check>>; readonly optional?: Readonly<Record<string, Check>> },
  at: Place,
): void {
  const { required, optional = {} } = parts
  if (!isPlainObject(value)) throw expected('an object', at)
  const known = { ...required, ...optional }
  for (const name of Object.keys(value))
    if (!Object.hasOwn(known, name))
      throw expected(`only ${Object.keys(known).join(', ')}, not '${name.slice(0, 64)}'`, at)
  for (const name of Object.keys(required))
    if (!Object.hasOwn(value, name)) throw expected(`${name}, which is missing`, at)
  for (const [name, item] of Object.entries(value))
    known[name]?.(item, { path: `${at.path}.${name}`, depth: at.depth + 1 })
}

function expected(what: string, { path }: Place): WrongEffect {
  return new WrongEffect(`${path === '' ? 'it' : path.replace(/^\./, '').slice(0, 200)} expects ${what}`)
}
