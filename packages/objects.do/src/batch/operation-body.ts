// The body of one operation of a batch: JSON in which references stand for parts of other results.

import { bodyCharactersMax, type JsonValue, ObjectError } from 'digital-objects'
import { isReference, type OperationReference, parseReference } from './operation-reference.ts'

export interface OperationBody {
  readonly value: JsonValue
  /** The references in the value, by the objects that they are. */
  readonly references: ReadonlyMap<object, OperationReference>
}

/** A deeper body would exhaust the stack of what reads it. */
const depthMax = 100
const referencesMax = 100

/** Finds the references of a body, at any depth. Throws an ObjectError that names the field. */
export function parseOperationBody(value: JsonValue, field: string): OperationBody {
  const references = new Map<object, OperationReference>()
  const visit = (inner: JsonValue, at: string, depth: number): void => {
    if (typeof inner !== 'object' || inner === null) return
    if (depth > depthMax) throw invalid(at, `is nested more than ${depthMax} levels deep`)
    if (isReference(inner)) {
      if (references.size === referencesMax) throw invalid(field, `has more than ${referencesMax} references`)
      references.set(inner, parseReference(inner, at))
    } else if (isList(inner)) for (const [index, item] of inner.entries()) visit(item, `${at}[${index}]`, depth + 1)
    else for (const [name, item] of Object.entries(inner)) visit(item, `${at}.${name.slice(0, 64)}`, depth + 1)
  }
  visit(value, field, 0)
  return { value, references }
}

/** The JSON of a body with the values of its references. Throws an ObjectError if it is too large. */
export function formatBody(
  { value, references }: OperationBody,
  valueOf: (reference: OperationReference) => JsonValue,
): string {
  if (references.size === 0) return JSON.stringify(value)
  let characters = 0
  const filled = (inner: JsonValue): JsonValue => {
    if (typeof inner !== 'object' || inner === null) return inner
    const reference = references.get(inner)
    if (reference !== undefined) {
      const referred = valueOf(reference)
      // Counted before they are put together, since one result may be used many times.
      characters += JSON.stringify(referred).length
      if (characters > bodyCharactersMax) throw tooLarge(reference.field)
      return referred
    }
    if (isList(inner)) return inner.map(filled)
    return Object.fromEntries(Object.entries(inner).map(([name, item]) => [name, filled(item)]))
  }
  return JSON.stringify(filled(value))
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message: `batch: ${field} ${message}` })
}

function tooLarge(field: string): ObjectError {
  const message = `batch: ${field}: the values that a body refers to hold at most ${bodyCharactersMax} characters`
  return new ObjectError({ code: 'payload_too_large', field, message })
}
