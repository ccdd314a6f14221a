// What a command takes by name: `--limit 20`. Flags are data, from which parsing, help and completion are made.

import { type StoredField, tryParseJson, isPlainObject } from 'digital-objects'

export interface Flag {
  /** Without dashes. */
  readonly name: string
  /** A `switch` has no value; a `list` may come several times. */
  readonly kind: 'switch' | 'value' | 'list'
  /** What stands for the value in help: `<number>`. */
  readonly placeholder?: string
  /** All values that there are. */
  readonly values?: readonly string[]
  readonly about: string
  /** Throws a UsageError's sentence after `--name expects `; texts stay as they are unless given. */
  readonly parse?: (text: string) => unknown
  readonly required?: boolean
  /** The Noun's field that it gives, where it is one; boolean fields take a value, and none is true. */
  readonly field?: StoredField
}

/** What a value must be, for the sentence that refuses it: `a whole number`. */
export class Expected extends Error {}

export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= from && value <= to) return value
    throw new Expected(`a whole number from ${from} to ${to}`)
  }
}

/** A JSON object. */
export function jsonObject(text: string): object {
  const value = tryParseJson(text)
  if (isPlainObject(value)) return value
  throw new Expected('a JSON object')
}

export function oneOf(values: readonly string[]): (text: string) => string {
  return (text) => {
    if (values.includes(text)) return text
    throw new Expected(`one of ${values.join(', ')}`)
  }
}
