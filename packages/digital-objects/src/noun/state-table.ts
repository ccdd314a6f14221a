// Checks the transition table of a Noun's state field against its fields and verbs, and the fields and category of each state.

import { crudVerb } from './make-schema.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import type { EnumField, NounSchema, Transition } from './schema.ts'
import { checkStateRules } from './state-rules.ts'

const rowsMax = 200

/** Throws an ObjectError `invalid_definition` that names the part of the table. */
export function checkStateTable(schema: NounSchema): void {
  const { name: noun, fields, definition, state } = schema
  const { transitions = [], states = {}, categories = {} } = definition
  if (state === undefined) {
    for (const [part, value] of Object.entries({ transitions, states, categories }))
      if (Object.keys(value).length > 0)
        throw invalidTable(noun, part, 'a state field beside it, as in "state": "stage"')
    return
  }
  const field = Object.hasOwn(fields, state) ? fields[state] : undefined
  if (field?.kind !== 'enum' || field.many)
    throw invalidTable(noun, 'state', `the name of an enum field, got '${state.slice(0, 100)}'`)
  if (transitions.length > rowsMax)
    throw invalidTable(noun, 'transitions', `at most ${rowsMax} rows, got ${transitions.length}`)
  for (const [at, row] of schema.transitions.entries()) checkRow(schema, { field, path: `transitions[${at}]`, row })
  checkCategories(schema, field)
  checkStateRules(schema)
}

function checkRow(
  { name: noun, verbs }: NounSchema,
  { field, path, row }: { readonly field: EnumField; readonly path: string; readonly row: Transition },
): void {
  for (const value of [...row.from, row.to]) {
    if (!field.values.includes(value))
      throw invalidTable(
        noun,
        path,
        `values of ${field.name} (${field.values.join(', ')}), got '${value.slice(0, 100)}'`,
      )
  }
  // A Noun without `create` is created by effects.
  const verb = Object.hasOwn(verbs, row.verb) ? verbs[row.verb] : row.verb === 'create' ? crudVerb('create') : undefined
  if (verb === undefined || verb.name === 'delete')
    throw invalidTable(noun, path, `create, update or a custom verb, got '${row.verb.slice(0, 100)}'`)
  const creates = verb.name === 'create' || verb.effect.creates === true
  if (row.from.length === 0 && !creates)
    throw invalidTable(noun, path, `a value in from, which only a verb that creates may leave empty`)
  if (row.from.length > 0 && verb.name === 'create') throw invalidTable(noun, path, 'from to be empty for create')
}

function checkCategories({ name: noun, categories }: NounSchema, field: EnumField): void {
  for (const [value, category] of Object.entries(categories)) {
    if (!field.values.includes(value))
      throw invalidTable(noun, 'categories', `values of ${field.name}, got '${value.slice(0, 100)}'`)
    if (!/^[a-z][A-Za-z0-9]{0,62}$/.test(category))
      throw invalidTable(
        noun,
        'categories',
        `one word in camelCase such as 'won' for ${value}, got '${category.slice(0, 100)}'`,
      )
  }
}

function invalidTable(noun: string, field: string, expected: string): ObjectError {
  return invalidDefinition(field, `${noun}: ${field} expects ${expected}`)
}
