// The steps of a funnel, as its field `steps` has them: a list of names of events, or of objects.

import { isPlainObject, type JsonValue, ObjectError } from 'digital-objects'
import type { SourceDefinition } from './unit-moments.ts'

export interface FunnelStep {
  readonly name: string
  readonly source: SourceDefinition
}

const stepsMax = 12
const members = ['name', 'event', 'from', 'filter', 'at', 'unit', 'order'] as const

/** Throws an ObjectError `validation_error` that names the step. */
export function parseSteps(value: JsonValue | undefined): readonly FunnelStep[] {
  if (!Array.isArray(value) || value.length < 2 || value.length > stepsMax)
    throw wrong('steps', `a list of 2 to ${stepsMax} steps, such as ["signup",{"event":"paid"}]`)
  return value.map((step: JsonValue, at) => parseStep(step, `steps[${at}]`))
}

function parseStep(value: JsonValue, field: string): FunnelStep {
  if (typeof value === 'string' && value !== '') return { name: value, source: { event: value } }
  if (!isPlainObject(value)) throw wrong(field, 'the name of an event, or an object')
  const unknown = Object.keys(value).find((name) => !(members as readonly string[]).includes(name))
  if (unknown !== undefined) throw wrong(`${field}.${unknown.slice(0, 64)}`, `only ${members.join(', ')}`)
  const text = (name: 'name' | 'event' | 'from' | 'at'): string | undefined => {
    const given = value[name]
    if (given === undefined) return undefined
    if (typeof given === 'string' && given !== '' && given.length <= 200) return given
    throw wrong(`${field}.${name}`, 'a string')
  }
  const [event, from, at, name] = [text('event'), text('from'), text('at'), text('name')]
  if (event === undefined && from === undefined) throw wrong(field, 'event or from')
  const unit = unitOf(value['unit'], `${field}.unit`)
  return {
    name: name ?? event ?? from ?? '',
    source: {
      ...(event === undefined ? {} : { event }),
      ...(from === undefined ? {} : { from }),
      ...(at === undefined ? {} : { at }),
      ...(unit === undefined ? {} : { unit }),
      ...(value['filter'] === undefined ? {} : { filter: value['filter'] }),
    },
  }
}

function unitOf(value: JsonValue | undefined, field: string): readonly string[] | undefined {
  if (value === undefined) return undefined
  const texts = [value].flat().filter((text: JsonValue): text is string => typeof text === 'string' && text !== '')
  if (texts.length > 0 && texts.length <= 4 && texts.length === [value].flat().length) return texts
  throw wrong(field, 'a field, or a list of at most 4')
}

function wrong(field: string, expected: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field, message: `a funnel's ${field} expects ${expected}` })
}
