// The part of a Noun's table of states that remains when a tenant replaces the values of the state field. A removed value
// takes its rows with it; the new default takes the place of a removed default.

import type { NounDefinition, TransitionDefinition } from '../noun/definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { parseField } from '../noun/parse-field.ts'
import type { EnumField } from '../noun/schema.ts'

type Table = Pick<NounDefinition, 'transitions' | 'states' | 'categories'>

export function tableToKeep(base: NounDefinition, added: NounDefinition): Table {
  const { state, transitions = [], states = {}, categories = {} } = base
  // Additions from before the Noun had a table may state another field. They go on with their own table.
  if (state !== undefined && added.state !== undefined && added.state !== state) return {}
  const text = state === undefined || !Object.hasOwn(added.fields, state) ? undefined : added.fields[state]
  if (state === undefined || text === undefined || text === null) return { transitions, states, categories }
  const [before, after] = [enumOf(state, base.fields[state] ?? ''), enumOf(state, text)]
  if (before === undefined || after === undefined) return { transitions, states, categories }
  const [first = '', next = ''] = [before, after].map((field) => String(field.default ?? field.values[0]))
  const kept = (value: string): string | undefined =>
    after.values.includes(value) ? value : value === first ? next : undefined
  return {
    transitions: transitions.flatMap((row) => keptRow(row, kept)),
    states: keptStates(states, after.values),
    categories: keptStates(categories, after.values),
  }
}

/** Returns undefined for a wrong text, which the check of the whole definition reports. */
function enumOf(name: string, text: string): EnumField | undefined {
  try {
    const field = parseField({ noun: 'Noun', name }, text)
    return field.kind === 'enum' ? field : undefined
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
}

function keptRow(
  row: TransitionDefinition,
  kept: (value: string) => string | undefined,
): readonly TransitionDefinition[] {
  const to = kept(row.to)
  const from = [...new Set(row.from.flatMap((value) => kept(value) ?? []))]
  // An empty list of sources would make it a row of a creation.
  if (to === undefined || (from.length === 0 && row.from.length > 0)) return []
  return [{ ...row, from, to }]
}

function keptStates<Value>(
  states: Readonly<Record<string, Value>>,
  values: readonly string[],
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(states).filter(([value]) => values.includes(value)))
}
