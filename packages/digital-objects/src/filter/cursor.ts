// Where a page ended, so that the next one begins there whatever was written in between: the sort values and the id of
// the last entity, and what list it belongs to. Opaque to callers; nothing is kept on the server.

import { ObjectError } from '../base/object-error.ts'

export type SortValue = string | number | null

export interface Cursor {
  /** The last entity's values of the sort terms, as stored; null for a missing one. */
  readonly values: readonly SortValue[]
  readonly id: string
}

const version = 1
const charactersMax = 8_192

/** `list` is what the page is of: tenant, Noun, filter, sort and moment, as text. */
export function formatCursor(cursor: Cursor, list: string): string {
  return [...JSON.stringify([version, hashList(list), cursor.values, cursor.id])].map(escapeCharacter).join('')
}

/** Throws an ObjectError `invalid_cursor` for one of another list or none at all. */
export function parseCursor(text: string, list: string): Cursor {
  const parsed = text.length > charactersMax ? undefined : decode(text)
  if (!Array.isArray(parsed) || parsed.length !== 4 || parsed[0] !== version)
    throw wrong('cursor expects the cursor of an earlier page')
  const [, hash, values, id] = parsed as unknown[]
  const isRight =
    Array.isArray(values) &&
    typeof id === 'string' &&
    values.every((value) => value === null || ['string', 'number'].includes(typeof value))
  if (!isRight) throw wrong('cursor expects the cursor of an earlier page')
  if (hash !== hashList(list))
    throw wrong('the cursor is of another list: filter, sort and moment must stay as they were')
  return { values: values as SortValue[], id: id }
}

/** Unreserved in URLs: letters and digits as they are, everything else as `~` and its code point. */
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

/** FNV-1a: it catches mistakes, and a forged cursor shows nothing that a list would not. */
function hashList(list: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < list.length; at++) hash = Math.imul(hash ^ list.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}

function wrong(message: string): ObjectError {
  return new ObjectError({ code: 'invalid_cursor', field: 'cursor', message })
}
