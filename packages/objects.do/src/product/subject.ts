// The subject of a flag or an experiment: a person or a visitor, with properties that the caller knows of it. Its unit is what
// an answer sticks to.

import { isPlainObject, ObjectError, type Parameters, sha256Hex } from 'digital-objects'

export interface Subject {
  /** The id of an entity, such as a contact. */
  readonly contact?: string
  readonly userId?: string
  readonly anonymousId?: string
  readonly properties: Readonly<Record<string, unknown>>
}

const names = ['contact', 'userId', 'anonymousId'] as const
const charactersMax = 200

/** The fields of an event, in this order, of which the first with a value is the unit to which the event belongs. */
export const unitFields = ['userId', 'contact', 'anonymousId', 'sessionId'] as const

export function unitOf({ userId, contact, anonymousId }: Subject): string | undefined {
  return userId ?? contact ?? anonymousId
}

/**
 * Returns a number from 0 to 1, exclusive, that depends on the words alone, and is evenly spread. SHA-256 makes it the same
 * for ever, in every program.
 */
export function fractionOf(...words: readonly string[]): number {
  return Number.parseInt(sha256Hex(words.join('\n').toWellFormed()).slice(0, 13), 16) / 2 ** 52
}

/** Throws an ObjectError `invalid_parameter` that names the parameter. */
export function parseSubject(parameters: Parameters): Subject {
  const { properties } = parameters
  return { ...identifiers(parameters), properties: properties === undefined ? {} : parseProperties(properties) }
}

/** Parses a subject in a JSON body. Throws an ObjectError `validation_error`. */
export function subjectOfBody(body: Readonly<Record<string, unknown>>): Subject {
  const { properties = {} } = body
  if (!isPlainObject(properties))
    throw wrong('validation_error', { field: 'properties', expected: 'an object', got: properties })
  return { ...identifiers(body, 'validation_error'), properties }
}

function identifiers(
  given: Readonly<Record<string, unknown>>,
  code: 'invalid_parameter' | 'validation_error' = 'invalid_parameter',
): Omit<Subject, 'properties'> {
  const found: Partial<Record<(typeof names)[number], string>> = {}
  for (const name of names) {
    const value = given[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string' || value === '' || value.length > charactersMax)
      throw wrong(code, { field: name, expected: `a string of 1 to ${charactersMax} characters`, got: value })
    found[name] = value
  }
  return found
}

function parseProperties(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (isPlainObject(value)) return value
  } catch {
    // The error below names the parameter.
  }
  throw wrong('invalid_parameter', {
    field: 'properties',
    expected: 'a JSON object such as {"plan":"pro"}',
    got: text,
  })
}

function wrong(
  code: 'invalid_parameter' | 'validation_error',
  { field, expected, got }: { readonly field: string; readonly expected: string; readonly got: unknown },
): ObjectError {
  const message = `${field} expects ${expected}, got ${JSON.stringify(got).slice(0, 64)}`
  return new ObjectError({ code, field, message })
}
