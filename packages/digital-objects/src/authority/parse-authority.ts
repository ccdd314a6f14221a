// Parses an authority from JSON. An absent member grants nothing, and an error names its path, such as `nouns.Deal.read`.
// `compileAuthority`, which knows the tenant's Nouns, checks that Nouns and fields exist.

import { type Authority, type NounAuthority, nothing, type RowFilter, type RowRule } from './authority.ts'
import { deepFreeze } from '../base/deep-freeze.ts'
import { isPlainObject } from '../base/is-object.ts'
import { ObjectError } from '../base/object-error.ts'
import { parseJson } from '../base/parse-json.ts'

/** Limits the size, because every call carries the authority, and a socket's attachment has at most 16 KB. */
export const authorityCharactersMax = 6_000
const namesMax = 200
const nameCharactersMax = 64
const whoCharactersMax = 256
const depthMax = 16

/** Throws an ObjectError `invalid_authority`. */
export function parseAuthority(text: string): Authority {
  if (text.length > authorityCharactersMax)
    throw invalidAuthority('authority', `expects at most ${authorityCharactersMax} characters, got ${text.length}`)
  const value = parseJson(text, (error) =>
    invalidAuthority('authority', `expects JSON: ${error.message.slice(0, 200)}`),
  )
  const { who, onBehalfOf, through, nouns = {}, others, ...unknown } = membersOf(value, 'authority')
  refuseUnknown(unknown, '')
  return deepFreeze({
    who: parsePrincipal(who, 'who'),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf: parsePrincipal(onBehalfOf, 'onBehalfOf') }),
    ...(through === undefined ? {} : { through: parseThrough(through) }),
    nouns: parseNouns(nouns, 'nouns'),
    others: others === undefined ? nothing : parseGranted(others, 'others'),
  })
}

/** Parses what is granted by the name of a Noun. Throws an ObjectError `invalid_authority`. */
export function parseNouns(value: unknown, field: string): Readonly<Record<string, NounAuthority>> {
  const named = Object.entries(membersOf(value, field)).map(([name, granted]) => {
    if (!/^[A-Z][A-Za-z0-9]{0,62}$/.test(name))
      throw invalidAuthority(field, `expects names of Nouns, got ${show(name)}`)
    return [name, parseGranted(granted, `${field}.${name}`)] as const
  })
  if (named.length > namesMax) throw invalidAuthority(field, `expects at most ${namesMax} Nouns, got ${named.length}`)
  return Object.fromEntries(named)
}

/** Parses what is granted of one Noun. `field` is the path that errors name. Throws an ObjectError `invalid_authority`. */
export function parseGranted(value: unknown, field: string): NounAuthority {
  const { read, write, hidden, verbs, ...unknown } = membersOf(value, field)
  refuseUnknown(unknown, `${field}.`)
  return {
    read: parseRule(read, `${field}.read`),
    write: parseRule(write, `${field}.write`),
    hidden: hidden === undefined ? [] : parseNames(hidden, `${field}.hidden`),
    verbs: verbs === 'all' ? 'all' : verbs === undefined ? [] : parseNames(verbs, `${field}.verbs`),
  }
}

function parseRule(value: unknown, field: string): RowRule {
  if (value === undefined || value === 'none') return 'none'
  if (value === 'all') return 'all'
  if (!isPlainObject(value)) throw invalidAuthority(field, `expects "all", "none" or a filter, got ${show(value)}`)
  refuseSearches(value, field, 0)
  return value as RowFilter // parsed from JSON
}

/** Refuses `$text` and `$regex`, because every reader must be able to decide a rule for a single row. */
function refuseSearches(value: unknown, field: string, depth: number): void {
  if (depth > depthMax) throw invalidAuthority(field, `expects a filter of at most ${depthMax} levels`)
  if (Array.isArray(value)) for (const item of value) refuseSearches(item, field, depth + 1)
  if (!isPlainObject(value)) return
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$text' || key === '$regex') throw invalidAuthority(field, `expects a filter without ${key}`)
    refuseSearches(inner, field, depth + 1)
  }
}

function parseNames(value: unknown, field: string): readonly string[] {
  const isRight =
    Array.isArray(value) &&
    value.length <= namesMax &&
    value.every((name) => typeof name === 'string' && name.length > 0 && name.length <= nameCharactersMax)
  if (!isRight) throw invalidAuthority(field, `expects a list of at most ${namesMax} names, got ${show(value)}`)
  return value as readonly string[] // just checked
}

function parsePrincipal(value: unknown, field: string): string {
  const isRight = typeof value === 'string' && value.length > 0 && value.length <= whoCharactersMax && value !== '$me'
  if (!isRight || !value.isWellFormed() || value.includes('\0'))
    throw invalidAuthority(field, `expects the id of a principal such as user_1VbZ0kQ3x9Ta, got ${show(value)}`)
  return value
}

function parseThrough(value: unknown): NonNullable<Authority['through']> {
  const { kind, id, ...unknown } = membersOf(value, 'through')
  refuseUnknown(unknown, 'through.')
  if (kind !== 'key' && kind !== 'session' && kind !== 'grant')
    throw invalidAuthority('through.kind', `expects "key", "session" or "grant", got ${show(kind)}`)
  return { kind, id: parsePrincipal(id, 'through.id') }
}

function membersOf(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (isPlainObject(value)) return value
  throw invalidAuthority(field, `expects an object, got ${show(value)}`)
}

function refuseUnknown(members: Readonly<Record<string, unknown>>, field: string): void {
  const [stray] = Object.keys(members)
  if (stray !== undefined)
    throw invalidAuthority(`${field}${stray.slice(0, nameCharactersMax)}`, 'is not a member of an authority')
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80)
}

function invalidAuthority(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_authority', field, message: `${field} ${message}` })
}
