// Values that JSON cannot express, carried beside the JSON: it has null (0 for -0) in their place, and a list gives the
// path and the value of each. `valueToJson` writes both, `restoreExceptions` puts the values back.

import { ObjectError } from './object-error.ts'

const exceptionalValues = {
  undefined,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
} as const
export type ExceptionalValue = keyof typeof exceptionalValues

export interface JsonException {
  /** Field names and list indexes, starting at the whole value. */
  readonly path: readonly (string | number)[]
  readonly value: ExceptionalValue
}

export interface ValueAsJson {
  readonly json: string
  readonly exceptions: readonly JsonException[]
}

export interface ValueToJsonOptions {
  /** Returns the JSON of an object that stands for another value, or undefined for an object that stands for itself. */
  readonly jsonOf?: (value: object) => string | undefined
  readonly charactersMax: number
}

/** A result with more of these values than this comes from a callback that is wrong. */
export const jsonExceptionsMax = 10_000
/** Levels of nested lists and objects. */
const depthMax = 100

/** Throws an ObjectError `scan_limit` as soon as the JSON exceeds the limit, before it builds the rest. */
export function valueToJson(value: unknown, options: ValueToJsonOptions): ValueAsJson {
  const written: Written = { parts: [], characters: 0, exceptions: [], path: [], options }
  write(value, written)
  return { json: written.parts.join(''), exceptions: written.exceptions }
}

interface Written {
  readonly parts: string[]
  characters: number
  readonly exceptions: JsonException[]
  readonly path: (string | number)[]
  readonly options: ValueToJsonOptions
}

function write(value: unknown, written: Written): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return add(JSON.stringify(value), written)
    case 'number':
      return writeNumber(value, written)
    case 'undefined':
      return writeException('undefined', 'null', written)
    case 'object':
      return value === null ? add('null', written) : writeObject(value, written)
    default:
      throw new TypeError(`a pipeline cannot return a ${typeof value}`)
  }
}

function writeNumber(value: number, written: Written): void {
  if (Object.is(value, -0)) return writeException('-0', '0', written)
  if (Number.isFinite(value)) return add(String(value), written)
  const name = Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  return writeException(name, 'null', written)
}

function writeException(value: ExceptionalValue, json: string, written: Written): void {
  if (written.exceptions.length === jsonExceptionsMax)
    throw tooLarge(`has more than ${jsonExceptionsMax} values that are undefined, NaN, infinite or -0`)
  written.exceptions.push({ path: [...written.path], value })
  add(json, written)
}

function writeObject(value: object, written: Written): void {
  const json = written.options.jsonOf?.(value)
  if (json !== undefined) return add(json, written)
  if (written.path.length === depthMax) throw tooLarge(`is more than ${depthMax} lists and objects deep`)
  const isList = Array.isArray(value)
  let isFirst = true
  add(isList ? '[' : '{', written)
  for (const [key, inner] of isList ? value.entries() : Object.entries(value)) {
    if (!isFirst) add(',', written)
    isFirst = false
    if (typeof key === 'string') add(`${JSON.stringify(key)}:`, written)
    written.path.push(key)
    write(inner, written)
    written.path.pop()
  }
  add(isList ? ']' : '}', written)
}

function add(json: string, written: Written): void {
  written.characters += json.length
  const { charactersMax } = written.options
  if (written.characters > charactersMax) throw tooLarge(`is more than ${charactersMax} characters of JSON`)
  written.parts.push(json)
}

function tooLarge(excess: string): ObjectError {
  return new ObjectError({ code: 'scan_limit', message: `the result ${excess}; request less of it` })
}

/** Returns the original value. `value` is the parsed JSON, and is changed in place. */
export function restoreExceptions(value: unknown, exceptions: readonly JsonException[] = []): unknown {
  const root = { value }
  for (const exception of exceptions) {
    const path = ['value', ...exception.path]
    const name = path.pop() ?? 'value'
    let at: unknown = root
    for (const key of path) at = ownValue(at, key)
    ownValue(at, name)
    // `ownValue` has checked that the property is an own one, so this cannot set an inherited one such as `__proto__`.
    if (isObject(at)) at[name] = exceptionalValues[exception.value]
  }
  return root.value
}

function ownValue(of: unknown, key: string | number): unknown {
  if (isObject(of) && Object.hasOwn(of, key)) return of[key]
  throw new TypeError(`the answer has no '${key}' to restore`)
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null
}
