// The end of a page, from which the next page continues whatever was written in between: the sort values and the id of
// the last entity, and a hash of the list. Opaque to callers; the server keeps no state for it.

import { ObjectError } from '../base/object-error.ts'

export type SortValue = string | number | null

export interface Cursor {
  /** The last entity's stored values of the sort terms; null for a missing value. */
  readonly values: readonly SortValue[]
  readonly id: string
}

const version = 1
const charactersMax = 8_192

/** `list` identifies the list: tenant, Noun, filter, sort and `asOf`, as a string. */
export function formatCursor(cursor: Cursor, list: string): string {
  return [...JSON.stringify([version, hashList(list), cursor.values, cursor.id])].map(escapeCharacter).join('')
}

/** Throws an ObjectError `invalid_cursor` if the string is not a cursor, or belongs to another list. */
export function parseCursor(text: string, list: string): Cursor {
  const parsed = text.length > charactersMax ? undefined : decode(text)
  if (!Array.isArray(parsed) || parsed.length !== 4 || parsed[0] !== version)
    throw invalidCursor('cursor expects the cursor of an earlier page')
  const [, hash, values, id] = parsed as unknown[]
  const isRight =
    Array.isArray(values) &&
    typeof id === 'string' &&
    values.every((value) => value === null || ['string', 'number'].includes(typeof value))
  if (!isRight) throw invalidCursor('cursor expects the cursor of an earlier page')
  if (hash !== hashList(list))
    throw invalidCursor('cursor belongs to another list: filter, sort and asOf must be those of the earlier page')
  return { values: values as SortValue[], id: id }
}

/** Leaves letters, digits, `.` and `-` as they are, and writes other characters as `~`, the code point and `_`. */
function escapeCharacter(character: string): string {
  return /[A-Za-z0-9.-]/.test(character) ? character : `~${(character.codePointAt(0) as number).toString(36)}_`
}

function decode(text: string): unknown {
  if (!/^(?:[A-Za-z0-9.-]|~[0-9a-z]{1,4}_)*$/.test(text)) return undefined
  try {
    return JSON.parse(
      text.replace(/~([0-9a-z]{1,4})_/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 36))),
    )
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

/** FNV-1a. It catches mistakes; a forged cursor reads nothing that a list would not show. */
function hashList(list: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < list.length; at++) hash = Math.imul(hash ^ list.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}

function invalidCursor(message: string): ObjectError {
  return new ObjectError({ code: 'invalid_cursor', field: 'cursor', message })
}
