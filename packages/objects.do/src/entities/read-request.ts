// Parses the parameters of get, find and count by the call's Noun. The tenant's object and reads over files share this
// parser, so that a request means the same in both.

import {
  type Aggregate,
  fieldParametersToFilter,
  type Filter,
  type NounLookup,
  type NounSchema,
  ObjectError,
  type Parameters,
  parseAggregate,
  parseFilterText,
  parseSort,
  type SortTerm,
  type Visibility,
} from 'digital-objects'
import { findEntity, findNoun, type Subject } from './find-noun.ts'
import { type Include, parseIncludes } from './parse-includes.ts'
import { parseCount, parseTimestamp, parseNames, refuseOthers } from './parameters.ts'
import { refuseForeignParameter } from './foreign-parameters.ts'
import { checkFields } from './projection.ts'

/** The part of each entity that an answer contains. */
export interface Shape {
  readonly includes: readonly Include[]
  /** Undefined for all fields. */
  readonly fields: readonly string[] | undefined
}

export interface GetRequest {
  readonly noun: NounSchema
  readonly id: string
  /** True for the whole entity in the present, whose answer carries its version. */
  readonly isPlain: boolean
  readonly asOfMs: number | undefined
  readonly shape: Shape
}

export interface FindRequest {
  readonly noun: NounSchema
  readonly filter: Filter
  /** Undefined for the default order, which is relevance if the filter has words. */
  readonly sort: readonly SortTerm[] | undefined
  readonly limit: number
  readonly cursor: string | undefined
  /** True to count all matches. */
  readonly isCounted: boolean
  readonly asOfMs: number | undefined
  readonly shape: Shape
}

export interface AggregateRequest {
  readonly noun: NounSchema
  readonly filter: Filter
  readonly aggregate: Aggregate
  readonly asOfMs: number | undefined
}

export interface CountRequest {
  readonly noun: NounSchema
  readonly filter: Filter
  readonly asOfMs: number | undefined
}

interface Asked extends Subject {
  readonly parameters: Parameters
}

/** Throws an ObjectError that names the parameter, as the parsers below do. */
export function parseGet(asked: Asked, lookup: NounLookup): GetRequest {
  const { noun, id } = findEntity(lookup, asked)
  const { parameters } = asked
  refuseOthers(parameters, ['include', 'fields', 'asOf', 'strong'])
  return {
    noun,
    id,
    isPlain: isPlain(parameters),
    asOfMs: parseAsOf(parameters),
    shape: parseShape({ noun, parameters }, lookup),
  }
}

/** A pipeline may start from a longer list than a page. */
export function parseFind(
  asked: Asked,
  lookup: NounLookup,
  { names, limits }: { readonly names: readonly string[]; readonly limits: Limits },
): FindRequest {
  const noun = findNoun(lookup, asked)
  const { parameters } = asked
  return {
    noun,
    asOfMs: parseAsOf(parameters),
    shape: parseShape({ noun, parameters }, lookup),
    sort: parameters['sort'] === undefined ? undefined : parseSort(parameters['sort'], noun),
    filter: parseFilters(parameters, { schema: noun, lookup, names }),
    limit: parseCount(parameters, { name: 'limit', min: 1, code: 'invalid_limit', ...limits }),
    cursor: parameters['cursor'],
    isCounted: parseCountMode(parameters),
  }
}

export const pageLimits: Limits = { fallback: 25, max: 100 }

interface Limits {
  readonly fallback: number
  readonly max: number
}

/** Each of the parsers of lists takes a parameter that is not among `names` for a field, by which it filters. */
export function parseCountRequest(asked: Asked, lookup: NounLookup, names: readonly string[]): CountRequest {
  const noun = findNoun(lookup, asked)
  const { parameters } = asked
  return {
    noun,
    asOfMs: parseAsOf(parameters),
    filter: parseFilters(parameters, { schema: noun, lookup, names }),
  }
}

export function parseAggregateRequest(asked: Asked, lookup: NounLookup, names: readonly string[]): AggregateRequest {
  const noun = findNoun(lookup, asked)
  const { parameters } = asked
  return {
    noun,
    asOfMs: parseAsOf(parameters),
    filter: parseFilters(parameters, { schema: noun, lookup, names }),
    aggregate: parseAggregate(parameters, { schema: noun, lookup }),
  }
}

/** Returns undefined for the present. */
export function parseAsOf(parameters: Parameters): number | undefined {
  return parameters['asOf'] === undefined ? undefined : parseTimestamp('asOf', parameters['asOf'])
}

/** Identifies a list of visible entities, to which its cursors belong. `seq` is set for a read of the past. */
export function listIdentity(
  { noun, filter, sort }: FindRequest,
  { tenant, visibility, seq }: { readonly tenant: string; readonly visibility: Visibility; readonly seq?: number },
): string {
  const list = [tenant, noun.name, filter, sort ?? null, seq ?? null]
  return JSON.stringify(visibility.isFull ? list : [...list, visibility.fingerprint])
}

/** Whether a read wants the whole entity in the present, as most do. */
function isPlain(parameters: Parameters): boolean {
  const names = Object.keys(parameters)
  return names.length === 0 || (names.length === 1 && parameters['strong'] === 'true')
}

function parseShape(
  { noun, parameters }: { readonly noun: NounSchema; readonly parameters: Parameters },
  lookup: NounLookup,
): Shape {
  const includes = parseIncludes(noun, parseNames(parameters, 'include', 'invalid_include'), lookup)
  const fields = parseNames(parameters, 'fields', 'invalid_fields')
  if (fields !== undefined) checkFields({ schema: noun, fields, includes })
  return { includes, fields }
}

interface FiltersContext {
  readonly schema: NounSchema
  readonly lookup: NounLookup
  /** The names of the parameters that are no fields. */
  readonly names: readonly string[]
}

/** Combines `filter` with the bare field parameters. */
function parseFilters(parameters: Parameters, { schema, lookup, names }: FiltersContext): Filter {
  const context = { schema, lookup }
  const bare = Object.entries(parameters).filter(([name]) => !names.includes(name))
  for (const [name] of bare) refuseForeignParameter(name, schema)
  const byFields = fieldParametersToFilter(Object.fromEntries(bare), context)
  if (parameters['filter'] === undefined) return byFields
  const byFilter = parseFilterText(parameters['filter'], context)
  return bare.length === 0 ? byFilter : { kind: 'and', of: [byFilter, byFields] }
}

export function parseCountMode(parameters: Parameters): boolean {
  const text = parameters['count']
  if (text === undefined) return false
  if (text === 'exact') return true
  throw new ObjectError({
    code: 'invalid_parameter',
    field: 'count',
    message: `count expects 'exact', got ${JSON.stringify(text.slice(0, 64))}`,
  })
}
