// Serializes what a caller passes to JSON. Values that JSON would silently change are refused. Pending values are left
// out and listed.

import { HeadlesslyError, type HeadlesslyErrorCode } from '../base/headlessly-error.ts'
import { linkTo, type LinkSource } from './link-source.ts'

/** Error messages name `what`: `Contact.find`. */
export interface JsonTextOptions {
  readonly what: string
  readonly code: HeadlesslyErrorCode
  /** An undefined field of data counts as not given; in a filter it would match everything. */
  readonly isUndefinedRefused: boolean
}

export interface JsonText {
  readonly text: string
  /** Positions, null in the JSON, that take parts of other calls' results. */
  readonly links: readonly (LinkSource & { readonly at: readonly string[] })[]
}

/** A `Date` becomes its timestamp. Throws a HeadlesslyError that names the field. */
export function toJsonText(value: object, options: JsonTextOptions): JsonText {
  const links: JsonText['links'][number][] = []
  const places = new Map<unknown, readonly string[]>([[value, []]])
  const text = stringify(options, value, function (this: Readonly<Record<string, unknown>>, name, inner: unknown) {
    // The replacer gets the result of `toJSON`, which is null for an invalid Date.
    if (this[name] instanceof Date && inner === null) throw notJson(options, name, 'an invalid Date')
    if (inner === undefined && options.isUndefinedRefused) throw notJson(options, name, 'undefined')
    if (typeof inner === 'number' && !Number.isFinite(inner)) throw notJson(options, name, String(inner))
    if (typeof inner === 'bigint' || typeof inner === 'function' || typeof inner === 'symbol')
      throw notJson(options, name, `a ${typeof inner}`)
    if (inner instanceof RegExp) throw notJson(options, name, 'a RegExp; $regex takes its source as a string')
    const at = inner === value ? [] : [...(places.get(this) ?? []), name]
    const link = linkTo(inner)
    if (link !== undefined) {
      links.push({ ...link, at })
      return null
    }
    if (typeof inner !== 'object' || inner === null) return inner
    // A pending list or any other promise would become an empty object.
    if ('then' in inner && typeof inner.then === 'function') throw notJson(options, name, 'a promise; await it first')
    places.set(inner, at)
    return inner
  })
  return { text, links }
}

function stringify(
  { what, code }: JsonTextOptions,
  value: object,
  replace: (this: Readonly<Record<string, unknown>>, name: string, inner: unknown) => unknown,
): string {
  try {
    return JSON.stringify(value, replace)
  } catch (error) {
    // A reference cycle is the only thing left that the engine refuses, besides what a `toJSON` throws.
    if (!(error instanceof TypeError) || !/circular|cyclic/i.test(error.message)) throw error
    throw new HeadlesslyError({
      code,
      message: `${what}: expects values that JSON can express, got an object that contains itself`,
    })
  }
}

function notJson({ what, code }: JsonTextOptions, field: string, got: string): HeadlesslyError {
  const message = `${what}: '${field}' expects a value that JSON can express, got ${got}`
  return new HeadlesslyError({ code, field, message })
}
