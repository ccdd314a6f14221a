// Rules of approval: which changes need the consent of a person, as data of the tenant. A change needs consent if all parts of
// a rule apply to it; a part that is left out applies to every change.

import { deepFreeze } from '../base/deep-freeze.ts'
import { isPlainObject } from '../base/is-object.ts'
import { ObjectError } from '../base/object-error.ts'
import { verbKinds, type VerbKind } from '../noun/verb-kind.ts'
import type { RowFilter } from './authority.ts'
import { parseGranted } from './parse-authority.ts'

/** The kinds of callers: an agent or another program of a person, a key, and a person at first hand. */
export const callerKinds = ['agent', 'key', 'person'] as const
export type CallerKind = (typeof callerKinds)[number]

export interface ApprovalRule {
  /** The name that people see when they are asked. */
  readonly name: string
  /** Names of Nouns. */
  readonly types?: readonly string[]
  /** Verbs by infinitive: `create`, `refund`. */
  readonly verbs?: readonly string[]
  readonly kinds?: readonly VerbKind[]
  /** Selects entities as they are after the change; before it, for a deletion. */
  readonly where?: RowFilter
  readonly callers?: readonly CallerKind[]
  /** Ids of principals: `agent_…`, `user_…`. */
  readonly actors?: readonly string[]
  /** Whether the rule applies inside or outside of the business hours that the settings name. */
  readonly hours?: 'business' | 'other'
}

export const approvalRulesMax = 50
const namesMax = 100
const nameCharactersMax = 100

/** Parses a list of rules. Throws an ObjectError `invalid_authority` that names the field. */
export function parseApprovalRules(value: unknown): readonly ApprovalRule[] {
  if (!Array.isArray(value) || value.length > approvalRulesMax)
    throw invalid('approvals', `expects a list of at most ${approvalRulesMax} rules`)
  const rules = value.map((rule: unknown, at) => parseRule(rule, `approvals[${at}]`))
  const twice = rules.findIndex(({ name }, at) => rules.findIndex((rule) => rule.name === name) !== at)
  if (twice >= 0) throw invalid(`approvals[${twice}].name`, 'is the name of an earlier rule')
  return deepFreeze(rules)
}

function parseRule(value: unknown, field: string): ApprovalRule {
  if (!isPlainObject(value)) throw invalid(field, 'expects an object with a name')
  const { name, types, verbs, kinds, where, callers, actors, hours, ...unknown } = value
  const [stray] = Object.keys(unknown)
  if (stray !== undefined) throw invalid(`${field}.${stray.slice(0, 64)}`, 'is not a part of a rule')
  if (typeof name !== 'string' || name.trim() === '' || name.length > nameCharactersMax || !name.isWellFormed())
    throw invalid(`${field}.name`, `expects a name of 1 to ${nameCharactersMax} characters`)
  if (hours !== undefined && hours !== 'business' && hours !== 'other')
    throw invalid(`${field}.hours`, 'expects business or other')
  return {
    name,
    ...(types === undefined ? {} : { types: parseNames(types, `${field}.types`) }),
    ...(verbs === undefined ? {} : { verbs: parseNames(verbs, `${field}.verbs`) }),
    ...(kinds === undefined ? {} : { kinds: parseList(kinds, verbKinds, `${field}.kinds`) }),
    ...(where === undefined ? {} : { where: parseWhere(where, `${field}.where`) }),
    ...(callers === undefined ? {} : { callers: parseList(callers, callerKinds, `${field}.callers`) }),
    ...(actors === undefined ? {} : { actors: parseNames(actors, `${field}.actors`) }),
    ...(hours === undefined ? {} : { hours }),
  }
}

function parseWhere(value: unknown, field: string): RowFilter {
  if (!isPlainObject(value)) throw invalid(field, 'expects a filter')
  const { read } = parseGranted({ read: value }, field)
  return read as RowFilter // an object is a filter
}

function parseNames(value: unknown, field: string): readonly string[] {
  const isRight =
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= namesMax &&
    value.every((name) => typeof name === 'string' && /^[A-Za-z][\w]{0,63}$/.test(name))
  if (!isRight) throw invalid(field, `expects a list of 1 to ${namesMax} names`)
  return value as readonly string[] // just checked
}

function parseList<Name extends string>(value: unknown, known: readonly Name[], field: string): readonly Name[] {
  const isRight = Array.isArray(value) && value.length > 0 && value.length <= known.length
  const names = isRight ? value.map((name: unknown) => known.find((one) => one === name)) : []
  if (!isRight || names.includes(undefined)) throw invalid(field, `expects a list of ${known.join(', ')}`)
  return names.filter((name) => name !== undefined)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_authority', field, message: `${field} ${message}` })
}
