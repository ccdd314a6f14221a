// Converts a read's options to the server's parameters.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import { type JsonText, toJsonText } from './json-text.ts'

export interface ReadInput {
  readonly filter?: object | undefined
  readonly sort?: string | readonly string[] | Readonly<Record<string, 1 | -1 | undefined>> | undefined
  readonly include?: string | readonly string[] | undefined
  readonly fields?: readonly string[] | undefined
  readonly by?: string | readonly string[] | undefined
  readonly sum?: string | readonly string[] | undefined
  readonly avg?: string | readonly string[] | undefined
  readonly min?: string | readonly string[] | undefined
  readonly max?: string | readonly string[] | undefined
  readonly distinct?: string | readonly string[] | undefined
  readonly median?: string | readonly string[] | undefined
  readonly zone?: string | undefined
  readonly strong?: boolean | undefined
  readonly asOf?: string | Date | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
  readonly count?: 'exact' | undefined
  readonly after?: number | undefined
  readonly from?: number | string | Date | undefined
  readonly to?: number | string | Date | undefined
  readonly type?: string | undefined
  readonly entity?: string | undefined
  readonly actor?: string | undefined
}

export interface ReadParameters {
  readonly parameters: Readonly<Record<string, string>>
  /** Positions of pending values in the filter. */
  readonly links: JsonText['links']
}

/** Error messages name `what`: `Contact.find`. */
export function toParameters(what: string, input: ReadInput): ReadParameters {
  const { filter = {}, sort, include, strong } = input
  const parameters: Record<string, string> = {}
  const { text, links } = toJsonText(filter, { what, code: 'invalid_filter', isUndefinedRefused: true })
  if (text !== '{}') parameters['filter'] = text
  if (sort !== undefined) parameters['sort'] = toSortText(sort)
  if (include !== undefined && include.length > 0) parameters['include'] = [include].flat().join(',')
  if (strong === true) parameters['strong'] = 'true'
  for (const name of [
    'fields',
    'by',
    'sum',
    'avg',
    'min',
    'max',
    'distinct',
    'median',
    'zone',
    'asOf',
    'limit',
    'cursor',
    'count',
    'after',
    'from',
    'to',
    'type',
    'entity',
    'actor',
  ] as const) {
    const value = input[name]
    if (value !== undefined) parameters[name] = value instanceof Date ? toMoment(what, name, value) : String(value)
  }
  return { parameters, links }
}

function toMoment(what: string, field: string, date: Date): string {
  if (!Number.isNaN(date.getTime())) return date.toISOString()
  const message = `${what}: ${field} expects a timestamp, got an invalid Date`
  throw new HeadlesslyError({ code: field === 'asOf' ? 'invalid_as_of' : 'invalid_parameter', field, message })
}

function toSortText(sort: NonNullable<ReadInput['sort']>): string {
  if (typeof sort === 'string') return sort
  if (isList(sort)) return sort.join(',')
  return Object.entries(sort)
    .filter(([, direction]) => direction !== undefined)
    .map(([name, direction]) => (direction === -1 ? `-${name}` : name))
    .join(',')
}

function isList(value: object): value is readonly string[] {
  return Array.isArray(value)
}
