// The body of a request to run code.

import { inexactNumberFault, isPlainObject, type JsonValue, ObjectError, parseExactJson } from 'digital-objects'
import { parseCode } from '../sandbox/parse-code.ts'

export interface RunRequest extends RunOptions {
  readonly code: string
}

export interface RunOptions {
  readonly given: JsonValue | undefined
  /** Whether all writes of the run are one commit. */
  readonly isAtomic: boolean
  readonly isDryRun: boolean
}

/** `{ "code", "given"?, "atomic"?, "dryRun"? }`. Throws an ObjectError that names the field. */
export function parseRunBody(text: string): RunRequest {
  const { code, ...others } = parseObject(text, '{"code":"…"}')
  return { code: parseCode(code), ...parseOptions(others, 'code, ') }
}

/** `{ "given"?, "atomic"?, "dryRun"? }`, or an empty body. Throws an ObjectError that names the field. */
export function parseRunOptions(text: string): RunOptions {
  return parseOptions(text.trim() === '' ? {} : parseObject(text, '{"given":…}'), '')
}

type Members = Readonly<Record<string, JsonValue | undefined>>

function parseObject(text: string, example: string): Members {
  const body = parseExactJson(text, {
    syntax: () => invalid('body', `the body expects JSON: ${example}`, 'invalid_json'),
    inexact: ({ path, text: numeral }) => {
      const field = path.join('.').slice(0, 200) || 'body'
      return invalid(field, `${field} ${inexactNumberFault(numeral)}`)
    },
  })
  if (!isPlainObject(body)) throw invalid('body', `the body expects an object: ${example}`)
  return body as Members
}

function parseOptions({ given, atomic, dryRun, ...others }: Members, also: string): RunOptions {
  const [stray] = Object.keys(others)
  if (stray !== undefined) {
    const message = `the body expects ${also}given, atomic and dryRun, got '${stray.slice(0, 64)}'`
    throw invalid(stray.slice(0, 64), message)
  }
  const isAtomic = parseFlag('atomic', atomic, true)
  const isDryRun = parseFlag('dryRun', dryRun, false)
  if (isDryRun && !isAtomic)
    throw invalid('dryRun', 'dryRun expects an atomic run: writes that are commits of their own cannot be taken back')
  return { given, isAtomic, isDryRun }
}

function parseFlag(name: string, value: JsonValue | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value === 'boolean') return value
  throw invalid(name, `${name} expects true or false, got ${JSON.stringify(value).slice(0, 64)}`)
}

function invalid(field: string, message: string, code: 'invalid_json' | 'invalid_body' = 'invalid_body'): ObjectError {
  return new ObjectError({ code, field, message })
}
