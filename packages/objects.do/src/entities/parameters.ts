// Parsers for single query parameters. Each error names its parameter.

import { type JsonValue, ObjectError, type ObjectErrorCode, type Parameters, parseDatetime } from 'digital-objects'

/** Parses a whole number within bounds. */
export function parseCount(
  parameters: Parameters,
  options: { name: string; fallback: number; min: number; max: number; code?: ObjectErrorCode },
): number {
  const { name, fallback, min, max, code = 'invalid_parameter' } = options
  const text = parameters[name]
  if (text === undefined) return fallback
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new ObjectError({
    code,
    field: name,
    message: `${name} expects a whole number from ${min} to ${max}, got ${JSON.stringify(text.slice(0, 64))}`,
  })
}

export function parseFlag(parameters: Parameters, name: string): boolean {
  const text = parameters[name]
  if (text === undefined || text === 'false') return false
  if (text === 'true' || text === '') return true
  throw new ObjectError({
    code: 'invalid_parameter',
    field: name,
    message: `${name} expects true or false, got ${JSON.stringify(text.slice(0, 64))}`,
  })
}

/** Parses at most 32 names, separated by commas. */
export function parseNames(parameters: Parameters, name: string, code: ObjectErrorCode): readonly string[] | undefined {
  const text = parameters[name]
  if (text === undefined) return undefined
  if (text === '') throw new ObjectError({ code, field: name, message: `${name} expects names separated by commas` })
  const names = text.split(',').map((part) => part.trim())
  if (names.length <= 32) return names
  throw new ObjectError({ code, field: name, message: `${name} expects at most 32 names, got ${names.length}` })
}

/** Parses an RFC 3339 string into milliseconds. */
export function parseTimestamp(name: string, value: JsonValue): number {
  const parsed = typeof value === 'string' ? parseDatetime(value) : undefined
  if (parsed !== undefined) return parsed
  throw new ObjectError({
    code: name === 'asOf' ? 'invalid_as_of' : 'invalid_parameter',
    field: name,
    message: `${name} expects a timestamp such as 2026-01-15T10:00:00Z, got ${JSON.stringify(value).slice(0, 64)}`,
  })
}

export function refuseOthers(parameters: Parameters, allowed: readonly string[]): void {
  for (const name of Object.keys(parameters)) {
    if (allowed.includes(name)) continue
    throw new ObjectError({
      code: 'invalid_parameter',
      field: name.slice(0, 64),
      message: `unknown parameter '${name.slice(0, 64)}' here; expected ${allowed.length === 0 ? 'none' : allowed.join(', ')}`,
    })
  }
}
