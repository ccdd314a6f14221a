// What a caller gives, as JSON text. What JSON would turn into something else without a word is refused; what has not
// come yet is left out, and told of.

import { HeadlesslyError, type HeadlesslyErrorCode } from '../base/headlessly-error.ts'
import { linkTo, type LinkSource } from './link-source.ts'

/** `what` is named in messages: `Contact.find`. */
export interface JsonTextOptions {
  readonly what: string
  readonly code: HeadlesslyErrorCode
  /** In data a field of undefined is one that is not given; in a filter it would match everything. */
  readonly isUndefinedRefused: boolean
}

export interface JsonText {
  readonly text: string
  /** The places, null in the text, where a part of what another call comes to goes. */
  readonly links: readonly (LinkSource & { readonly at: readonly string[] })[]
}

/** `Date` becomes its moment. Throws a HeadlesslyError that names the field. */
export function toJsonText(value: object, options: JsonTextOptions): JsonText {
  const links: JsonText['links'][number][] = []
  const places = new Map<unknown, readonly string[]>([[value, []]])
  const text = JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, inner: unknown) {
    // It comes as what its `toJSON` made of it, which for no moment is null.
    if (this[name] instanceof Date && inner === null) throw wrong(options, name, 'an invalid Date')
    if (inner === undefined && options.isUndefinedRefused) throw wrong(options, name, 'undefined')
    if (typeof inner === 'number' && !Number.isFinite(inner)) throw wrong(options, name, String(inner))
    if (typeof inner === 'bigint' || typeof inner === 'function' || typeof inner === 'symbol')
      throw wrong(options, name, `a ${typeof inner}`)
    if (inner instanceof RegExp) throw wrong(options, name, 'a RegExp; $regex takes its source as text')
    const at = inner === value ? [] : [...(places.get(this) ?? []), name]
    const link = linkTo(inner)
    if (link !== undefined) {
      links.push({ ...link, at })
      return null
    }
    if (typeof inner !== 'object' || inner === null) return inner
    // A list that has not come, or a promise of somebody else's, would be an empty object.
    if ('then' in inner && typeof inner.then === 'function') throw wrong(options, name, 'what is to be awaited first')
    places.set(inner, at)
    return inner
  })
  return { text, links }
}

function wrong({ what, code }: JsonTextOptions, field: string, got: string): HeadlesslyError {
  const message = `${what}: '${field}' expects a value that JSON has, got ${got}`
  return new HeadlesslyError({ code, field, message })
}
