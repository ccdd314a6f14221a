// The body of a write: a JSON object, or nothing, which means `{}`.

import { isPlainObject, type JsonValue, ObjectError, parseJson } from 'digital-objects'

export type Body = Readonly<Record<string, JsonValue>>

export function parseBody(text: string): Body {
  if (text === '') return {}
  const value = parseJson(
    text,
    (error) =>
      new ObjectError({
        code: 'invalid_json',
        field: 'body',
        message: `the body is not JSON: ${error.message.slice(0, 200)}`,
      }),
  )
  // Parsed JSON contains only JSON values.
  if (isPlainObject(value)) return value as Body
  throw new ObjectError({
    code: 'invalid_body',
    field: 'body',
    message: `the body expects a JSON object, got ${Array.isArray(value) ? 'an array' : JSON.stringify(value).slice(0, 40)}`,
  })
}
