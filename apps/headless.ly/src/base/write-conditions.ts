// The conditions of a write that HTTP carries in headers.

import { type CallOf, idempotencyKeyRule, isIdempotencyKey, ObjectError } from 'digital-objects'

/** From `If-Match` and `Idempotency-Key`. Throws an ObjectError that names the header. */
export function writeConditions(headers: Headers): Pick<CallOf<'write'>, 'ifVersion' | 'idempotencyKey'> {
  const [match, key] = [headers.get('if-match'), headers.get('idempotency-key')]
  // Ignoring the condition would overwrite what its sender wants to keep.
  if (headers.has('if-none-match'))
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'If-None-Match',
      message: 'If-None-Match is for reads only; a write states the version that it expects in If-Match',
    })
  return {
    ...(match === null ? {} : { ifVersion: parseMatch(match) }),
    ...(key === null ? {} : { idempotencyKey: parseKey(key) }),
  }
}

function parseMatch(text: string): number | 'any' {
  const trimmed = text.trim()
  if (trimmed === '*') return 'any'
  const version = /^"(\d{1,15})"$/.exec(trimmed)?.[1]
  if (version !== undefined) return Number(version)
  throw new ObjectError({
    code: 'invalid_parameter',
    field: 'If-Match',
    message: `If-Match expects one ETag such as "3", or *, got '${trimmed.slice(0, 64)}'`,
  })
}

function parseKey(text: string): string {
  if (isIdempotencyKey(text)) return text
  throw new ObjectError({
    code: 'invalid_parameter',
    field: 'Idempotency-Key',
    message: `Idempotency-Key expects ${idempotencyKeyRule}`,
  })
}
