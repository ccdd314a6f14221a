// Checks the transition table of a Noun's state field against its fields and verbs, and the fields and category of each state.

import { definedOnly } from '../base/defined-only.ts'
import type { NounDefinition, TransitionDefinition } from './definition.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import type { EnumField, Field, NounSchema, StateRule, Transition, Verb } from './schema.ts'

const rowsMax = 200

export type StateTable = Pick<NounSchema, 'state' | 'transitions' | 'states' | 'categories'>

interface Options {
  readonly noun: string
  readonly fields: Readonly<Record<string, Field>>
  readonly verbs: Readonly<Record<string, Verb>>
  readonly definition: Pick<NounDefinition, 'state' | 'transitions' | 'states' | 'categories'>
}

export function parseStateTable(options: Options): StateTable {
  const { noun, fields, definition } = options
  const { state, transitions = [], states = {}, categories = {} } = definition
  if (state === undefined) {
    for (const [part, value] of Object.entries({ transitions, states, categories }))
      if (Object.keys(value).length > 0)
        throw invalidTable(noun, part, 'a state field beside it, as in "state": "stage"')
    return { transitions: [], states: {}, categories: {} }
  }
  const field = Object.hasOwn(fields, state) ? fields[state] : undefined
  if (field?.kind !== 'enum' || field.many)
    throw invalidTable(noun, 'state', `the name of an enum field, got '${state.slice(0, 100)}'`)
  if (transitions.length > rowsMax)
    throw invalidTable(noun, 'transitions', `at most ${rowsMax} rows, got ${transitions.length}`)
  return {
    state,
    transitions: transitions.map((row, at) => parseRow({ ...options, field, at }, row)),
    states: rulesOf(states),
    categories: parseCategories(noun, field, categories),
  }
}

function parseRow(
  options: Options & { readonly field: EnumField; readonly at: number },
  row: TransitionDefinition,
): Transition {
  const { noun, verbs, field, at } = options
  const path = `transitions[${at}]`
  for (const value of [...row.from, row.to]) {
    if (!field.values.includes(value))
      throw invalidTable(
        noun,
        path,
        `values of ${field.name} (${field.values.join(', ')}), got '${value.slice(0, 100)}'`,
      )
  }
  const verb = Object.hasOwn(verbs, row.verb) ? verbs[row.verb] : undefined
  if (verb === undefined || verb.name === 'delete')
    throw invalidTable(noun, path, `create, update or a custom verb, got '${row.verb.slice(0, 100)}'`)
  const creates = verb.name === 'create' || verb.effect.creates === true
  if (row.from.length === 0 && !creates)
    throw invalidTable(noun, path, `a value in from, which only a verb that creates may leave empty`)
  if (row.from.length > 0 && verb.name === 'create') throw invalidTable(noun, path, 'from to be empty for create')
  const { irreversible = false, named = false } = row
  return { from: row.from, verb: row.verb, to: row.to, irreversible, ...(named ? { named } : {}) }
}

/** Completes the rules, which `checkStateRules` checks. */
function rulesOf(states: NonNullable<NounDefinition['states']>): Record<string, StateRule> {
  const rules: Record<string, StateRule> = {}
  for (const [value, { sets = {}, holds = [] } = {}] of Object.entries(states))
    rules[value] = { sets: definedOnly(sets), holds }
  return rules
}

function parseCategories(
  noun: string,
  field: EnumField,
  categories: NonNullable<NounDefinition['categories']>,
): Record<string, string> {
  const parsed: Record<string, string> = {}
  for (const [value, category] of Object.entries(categories)) {
    if (category === undefined) continue
    if (!field.values.includes(value))
      throw invalidTable(noun, 'categories', `values of ${field.name}, got '${value.slice(0, 100)}'`)
    if (!/^[a-z][A-Za-z0-9]{0,62}$/.test(category))
      throw invalidTable(
        noun,
        'categories',
        `one word in camelCase such as 'won' for ${value}, got '${category.slice(0, 100)}'`,
      )
    parsed[value] = category
  }
  return parsed
}

function invalidTable(noun: string, field: string, expected: string): ObjectError {
  return invalidDefinition(field, `${noun}: ${field} expects ${expected}`)
}
