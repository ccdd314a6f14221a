// References of a batch's operations to each other's results: `{ "$ref": "<operation id>", "path": "<expression>" }`. An
// expression is a path of field names (`contact.$id`), a JSON pointer (`/results/0/$id`), or a string that is put together:
// `concat('/Contact/', $id)`.

import { isPlainObject, type JsonValue, nearestName, ObjectError, referredPart } from 'digital-objects'

export interface OperationReference {
  /** The id of the operation whose result is used. */
  readonly operation: string
  readonly expression: ReferenceExpression
  /** The place of the reference, for errors: `operations[3].body.contact`. */
  readonly field: string
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'names'; readonly names: readonly string[] }

export type ReferenceExpression =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'concat'; readonly parts: readonly Part[] }

/** A reference without a path is to the result's id, by which most results are used. */
const defaultPath = '$id'
const pathCharactersMax = 1_000
const partsMax = 32

/** Whether a value is a reference, or is meant to be one. */
export function isReference(value: unknown): boolean {
  return isPlainObject(value) && Object.hasOwn(value, '$ref')
}

/** Parses what `isReference` accepts. Throws an ObjectError that names the field. */
export function parseReference(value: unknown, field: string): OperationReference {
  if (!isPlainObject(value)) throw invalid(field, 'expects { $ref, path }')
  const { $ref: operation, path = defaultPath, ...others } = value
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, ['path'])
    const hint = nearest === undefined ? 'a reference has $ref and path' : `did you mean '${nearest}'?`
    throw invalid(`${field}.${unknown.slice(0, 64)}`, `is no part of a reference; ${hint}`)
  }
  if (typeof operation !== 'string') throw invalid(`${field}.$ref`, 'expects the id of an operation')
  if (typeof path !== 'string' || path.length > pathCharactersMax)
    throw invalid(`${field}.path`, `expects a string of at most ${pathCharactersMax} characters`)
  return { operation, expression: parseExpression(path, `${field}.path`), field }
}

/** The value of a reference in the result of its operation. Throws an ObjectError `invalid_reference` if there is none. */
export function referredValue({ operation, expression, field }: OperationReference, result: unknown): JsonValue {
  if (expression.kind === 'names') return valueAt(expression.names)
  return expression.parts.map((part) => (part.kind === 'text' ? part.text : textAt(part.names))).join('')

  function valueAt(names: readonly string[]): JsonValue {
    const value = referredPart(result, names)
    if (value !== undefined) return value
    throw missing(field, `the result of operation '${operation}' has no '${names.join('.')}'`)
  }

  function textAt(names: readonly string[]): string {
    const value = valueAt(names)
    if (typeof value === 'object' && value !== null)
      throw missing(field, `concat expects texts and numbers, and '${names.join('.')}' of '${operation}' is neither`)
    return String(value)
  }
}

function parseExpression(text: string, field: string): ReferenceExpression {
  const call = /^concat\((.*)\)$/s.exec(text.trim())
  if (call === null) return { kind: 'names', names: parseNames(text.trim(), field) }
  const parts = splitArguments(call[1] ?? '', field).map((argument) => parsePart(argument, field))
  if (parts.length > partsMax) throw invalid(field, `expects at most ${partsMax} parts`)
  return { kind: 'concat', parts }
}

function parsePart(argument: string, field: string): Part {
  const quote = argument[0]
  if (quote !== "'" && quote !== '"') return { kind: 'names', names: parseNames(argument, field) }
  return { kind: 'text', text: argument.slice(1, -1).replaceAll(/\\(.)/gs, '$1') }
}

function splitArguments(text: string, field: string): readonly string[] {
  // An argument, and the separator after it.
  const argument = /\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,'"()\s]+)\s*(,|$)/sy
  const found: string[] = []
  let isOpen = true
  while (isOpen) {
    const match = argument.exec(text)
    if (match === null)
      throw invalid(field, "expects concat('text', name, …): quoted texts and names of fields, with commas in between")
    found.push(match[1] ?? '')
    isOpen = match[2] === ','
  }
  return found
}

/** `a.b.0.c`, or a JSON pointer (RFC 6901), in which names may contain dots. */
function parseNames(path: string, field: string): readonly string[] {
  const names = path.startsWith('/')
    ? path
        .slice(1)
        .split('/')
        .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    : path.split('.')
  if (names.every((name) => name !== '' && !/[()'"]/.test(name))) return names
  throw invalid(field, `expects the path of a field, such as $id or /results/0/$id, got '${path.slice(0, 64)}'`)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message: `batch: ${field} ${message}` })
}

function missing(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_reference', field, message: `batch: ${field}: ${message}` })
}
