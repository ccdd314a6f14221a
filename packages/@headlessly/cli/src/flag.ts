// A named option of a command, such as `--limit 20`. Flags are data, from which parsing, help and completion are
// generated.

import { findInexactNumber, inexactNumberFault, type StoredField, tryParseJson, isPlainObject } from 'digital-objects'

export interface Flag {
  /** Without the dashes. */
  readonly name: string
  /** A `switch` has no value; a `list` can be repeated. */
  readonly kind: 'switch' | 'value' | 'list'
  /** The placeholder for the value in help: `<number>`. */
  readonly placeholder?: string
  /** All allowed values. */
  readonly values?: readonly string[]
  readonly about: string
  /** Converts the value; without it, the value stays a string. Throws an Expected to refuse it. */
  readonly parse?: (text: string) => unknown
  readonly required?: boolean
  /** The Noun's field that the flag sets, if any. A boolean field's flag takes an optional value, true by default. */
  readonly field?: StoredField
}

/** Refuses a value. The message completes `--name expects `: `a whole number`. */
export class Expected extends Error {}

export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= from && value <= to) return value
    throw new Expected(`a whole number from ${from} to ${to}`)
  }
}

/** Parses JSON. `expected` names its form: `JSON`. */
export function exactJson(text: string, expected: string): unknown {
  const value = tryParseJson(text)
  if (value === undefined) throw new Expected(expected)
  const number = findInexactNumber(text)
  if (number === undefined) return value
  const fault = inexactNumberFault(number.text).replace(/^expects /, '')
  throw new Expected(number.path.length === 0 ? fault : `${number.path.join('.')} to be ${fault}`)
}

/** Parses a JSON object. */
export function jsonObject(text: string): object {
  const value = exactJson(text, 'a JSON object')
  if (isPlainObject(value)) return value
  throw new Expected('a JSON object')
}

export function oneOf(values: readonly string[]): (text: string) => string {
  return (text) => {
    if (values.includes(text)) return text
    throw new Expected(`one of ${values.join(', ')}`)
  }
}
