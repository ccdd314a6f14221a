// What a caller gives, as JSON text. What JSON would turn into something else without a word is refused.

import { HeadlesslyError, type HeadlesslyErrorCode } from './headlessly-error.ts'

/** `what` is named in messages: `Contact.find`. */
export interface JsonTextOptions {
  readonly what: string
  readonly code: HeadlesslyErrorCode
  /** In data a field of undefined is one that is not given; in a filter it would match everything. */
  readonly isUndefinedRefused: boolean
}

/** `Date` becomes its moment. Throws a HeadlesslyError that names the field. */
export function toJsonText(value: object, options: JsonTextOptions): string {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, inner: unknown) {
    // It comes as what its `toJSON` made of it, which for no moment is null.
    if (this[name] instanceof Date && inner === null) throw wrong(options, name, 'an invalid Date')
    if (inner === undefined && options.isUndefinedRefused) throw wrong(options, name, 'undefined')
    if (typeof inner === 'number' && !Number.isFinite(inner)) throw wrong(options, name, String(inner))
    if (typeof inner === 'bigint' || typeof inner === 'function' || typeof inner === 'symbol')
      throw wrong(options, name, `a ${typeof inner}`)
    if (inner instanceof RegExp) throw wrong(options, name, 'a RegExp; $regex takes its source as text')
    return inner
  })
}

function wrong({ what, code }: JsonTextOptions, field: string, got: string): HeadlesslyError {
  const message = `${what}: '${field}' expects a value that JSON has, got ${got}`
  return new HeadlesslyError({ code, field, message })
}
