// Parses a metric of a tenant's own from JSON.

import { parseDuration } from '../base/duration.ts'
import { isPlainObject } from '../base/is-object.ts'
import { ObjectError } from '../base/object-error.ts'
import {
  type MetricAlert,
  type MetricDefinition,
  type MetricUnit,
  metricUnits,
  movementParts,
} from './metric-definition.ts'

const functions = ['count', 'sum', 'avg', 'min', 'max', 'distinct', 'median'] as const
const members = {
  level: ['kind', 'label', 'unit', 'alert', 'from', 'filter', 'as', 'value', 'currency', 'isMinor'],
  flow: ['kind', 'label', 'unit', 'alert', 'from', 'filter', 'as', 'value', 'at', 'over', 'currency', 'isMinor'],
  ratio: ['kind', 'label', 'unit', 'alert', 'of', 'per', 'isPerStart', 'times', 'ifZero', 'over'],
  growth: ['kind', 'label', 'unit', 'alert', 'of', 'over'],
  retention: ['kind', 'label', 'unit', 'alert', 'of', 'over'],
  movement: ['kind', 'label', 'unit', 'alert', 'of', 'part', 'over'],
} as const

/** Throws an ObjectError `invalid_definition` that names the member. */
export function parseMetric(name: string, input: unknown): MetricDefinition {
  if (!isPlainObject(input)) throw invalid('definition', 'expects an object')
  const read = new Members(input)
  const kind = read.choice('kind', ['level', 'flow', 'ratio', 'growth', 'retention', 'movement'])
  const unknown = Object.keys(input).find((key) => !(members[kind] as readonly string[]).includes(key))
  if (unknown !== undefined) throw invalid(unknown, `is no member of a ${kind}; expected ${members[kind].join(', ')}`)
  const unit: MetricUnit = input['unit'] === undefined ? 'number' : read.choice('unit', metricUnits)
  const alert = input['alert'] === undefined ? {} : { alert: parseAlert(read.object('alert')) }
  const described = { name, label: input['label'] === undefined ? name : read.text('label'), unit, ...alert }
  if (kind === 'growth' || kind === 'retention')
    return { ...described, kind, of: read.text('of'), over: read.duration('over') ?? 'P30D' }
  const over = read.duration('over')
  const period = over === undefined ? {} : { over }
  if (kind === 'movement')
    return { ...described, ...period, kind, of: read.text('of'), part: read.choice('part', movementParts) }
  if (kind === 'ratio') {
    const { of, ...rest } = {
      of: read.text('of'),
      ...read.some('per', 'string'),
      ...read.some('isPerStart', 'boolean'),
    }
    return {
      ...described,
      ...period,
      kind,
      of,
      ...rest,
      ...read.some('times', 'number'),
      ...read.some('ifZero', 'number'),
    }
  }
  const as = input['as'] === undefined ? 'count' : read.choice('as', functions)
  const value = input['value'] === undefined ? {} : { value: read.texts('value') }
  if (as !== 'count' && input['value'] === undefined) throw invalid('value', `is required for ${as}`)
  const currency = input['currency'] === undefined ? {} : { currency: [read.texts('currency')].flat() }
  const filter = input['filter'] === undefined ? {} : { filter: read.object('filter') }
  const entity = {
    ...described,
    ...period,
    from: read.text('from'),
    as,
    ...value,
    ...filter,
    ...currency,
    ...read.some('isMinor', 'boolean'),
  }
  return kind === 'level' ? { ...entity, kind } : { ...entity, kind, at: read.text('at') }
}

function parseAlert(input: Readonly<Record<string, unknown>>): MetricAlert {
  const read = new Members(input)
  const unknown = Object.keys(input).find((name) => name !== 'above' && name !== 'below')
  if (unknown !== undefined || Object.keys(input).length === 0) throw invalid('alert', 'expects above, below, or both')
  return { ...read.some('above', 'number'), ...read.some('below', 'number') }
}

interface Kinds {
  readonly string: string
  readonly number: number
  readonly boolean: boolean
}

class Members {
  readonly #input: Readonly<Record<string, unknown>>

  constructor(input: Readonly<Record<string, unknown>>) {
    this.#input = input
  }

  text(name: string): string {
    const value = this.#input[name]
    if (typeof value === 'string' && value !== '' && value.length <= 500) return value
    throw invalid(name, 'expects a string')
  }

  texts(name: string): string | readonly string[] {
    const value = this.#input[name]
    if (!Array.isArray(value)) return this.text(name)
    const texts = value.filter((item): item is string => typeof item === 'string')
    if (texts.length === value.length && texts.length > 0 && texts.length <= 8) return texts
    throw invalid(name, 'expects a string, or a list of at most 8')
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const found = choices.find((one) => one === this.#input[name])
    if (found !== undefined) return found
    throw invalid(name, `expects ${choices.join(', ')}`)
  }

  object(name: string): Readonly<Record<string, unknown>> {
    const value = this.#input[name]
    if (isPlainObject(value)) return value
    throw invalid(name, 'expects a filter')
  }

  duration(name: string): string | undefined {
    const value = this.#input[name]
    if (value === undefined) return undefined
    if (typeof value === 'string' && parseDuration(value) !== undefined) return value
    throw invalid(name, 'expects an ISO 8601 duration such as P30D')
  }

  /** The member, if it is there. */
  some<Name extends string, Kind extends keyof Kinds>(
    name: Name,
    kind: Kind,
  ): { readonly [Key in Name]?: Kinds[Kind] } {
    const value = this.#input[name]
    if (value === undefined) return {}
    if (typeof value === kind) return { [name]: value } as { readonly [Key in Name]?: Kinds[Kind] }
    throw invalid(name, `expects a ${kind}`)
  }
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'invalid_definition',
    field: field.slice(0, 64),
    message: `${field.slice(0, 64)} ${message}`,
  })
}
