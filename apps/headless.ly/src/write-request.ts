// What a request's headers ask of a write.

import { ObjectError } from 'digital-objects'
import type { WriteCall } from 'objects.do'

const keyCharactersMax = 255

/** From `If-Match` and `Idempotency-Key`. Throws an ObjectError that names the header. */
export function writeConditions(headers: Headers): Pick<WriteCall, 'ifVersion' | 'idempotencyKey'> {
  const [match, key] = [headers.get('if-match'), headers.get('idempotency-key')]
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
  if (text.length > 0 && text.length <= keyCharactersMax && /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(text)) return text
  throw new ObjectError({
    code: 'invalid_parameter',
    field: 'Idempotency-Key',
    message: `Idempotency-Key expects 1 to ${keyCharactersMax} visible ASCII characters`,
  })
}
