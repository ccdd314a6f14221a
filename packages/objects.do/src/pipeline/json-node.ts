// Checks parts of unvalidated JSON. Each refusal names the part's path.

import { ObjectError } from 'digital-objects'

export type Fields = Readonly<Record<string, unknown>>

export function refusal(place: string, what: string): ObjectError {
  return new ObjectError({ code: 'unsupported_expression', field: place, message: `${place}: ${what}` })
}

export function unexpected(place: string, expected: string, got: unknown): ObjectError {
  return refusal(place, `expects ${expected}, got ${describe(got)}`)
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null
    ? 'an object'
    : (JSON.stringify(value) ?? typeof value).slice(0, 64)
}

/** Accepts an object with these fields only: an older server must not silently ignore a field it does not know. */
export function parseFields(value: unknown, place: string, allowed: readonly string[]): Fields {
  const fields = parseObject(value, place)
  for (const name of Object.keys(fields)) {
    if (!allowed.includes(name)) throw refusal(place, `has no '${name.slice(0, 64)}'; expected ${allowed.join(', ')}`)
  }
  return fields
}

/** Reads `kind` or `step` before the allowed fields are known. */
export function kindOf(value: unknown, place: string, name: 'kind' | 'step' = 'kind'): unknown {
  const fields = parseObject(value, place)
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

export function parseObject(value: unknown, place: string): Fields {
  if (!isFields(value)) throw unexpected(place, 'an object', value)
  return value
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function parseList(value: unknown, place: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) throw unexpected(place, 'a list', value)
  if (value.length > max) throw refusal(place, `expects at most ${max}, got ${value.length}`)
  return value
}

export function parseOneOf<Name extends string>(value: unknown, place: string, names: readonly Name[]): Name {
  const known = names.find((name) => name === value)
  if (known === undefined) throw unexpected(place, `one of ${names.join(', ')}`, value)
  return known
}

const nameCharactersMax = 256
/** Names that lead from data to the engine. */
const forbiddenNames = ['__proto__', 'constructor', 'prototype']

export function parseName(value: unknown, place: string): string {
  if (typeof value !== 'string') throw unexpected(place, 'a name', value)
  if (value.length > nameCharactersMax)
    throw refusal(place, `a name has at most ${nameCharactersMax} characters, got ${value.length}`)
  if (forbiddenNames.includes(value)) throw refusal(place, `'${value}' is not a valid name`)
  return value
}
