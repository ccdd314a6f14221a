// The body of a write: a JSON object, or nothing, which means `{}`.

import { inexactNumberFault, isPlainObject, type JsonValue, ObjectError, parseExactJson } from 'digital-objects'

export type Body = Readonly<Record<string, JsonValue>>

export function parseBody(text: string): Body {
  if (text === '') return {}
  const value = parseExactJson(text, {
    syntax: (error) =>
      new ObjectError({
        code: 'invalid_json',
        field: 'body',
        message: `the body is not JSON: ${error.message.slice(0, 200)}`,
      }),
    inexact: ({ path, text: numeral }) => {
      const field = path.join('.').slice(0, 200) || 'body'
      const message = inexactNumberFault(numeral)
      return new ObjectError({
        code: 'validation_error',
        field,
        message: `the body: field '${field}' ${message}`,
        faults: [{ field, message }],
      })
    },
  })
  // Parsed JSON contains only JSON values.
  if (isPlainObject(value)) return value as Body
  throw new ObjectError({
    code: 'invalid_body',
    field: 'body',
    message: `the body expects a JSON object, got ${Array.isArray(value) ? 'an array' : JSON.stringify(value).slice(0, 40)}`,
  })
}
