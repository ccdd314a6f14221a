// The source of a function, which travels in its place.

import { HeadlesslyError } from '../base/headlessly-error.ts'

/** Throws a HeadlesslyError for one whose text nobody can read. */
export function sourceOf(code: unknown, what: string): string {
  if (typeof code === 'string') return code
  if (typeof code !== 'function') {
    const message = `${what} expects a function or its source, got ${code === null ? 'null' : typeof code}`
    throw new HeadlesslyError({ code: 'validation_error', field: 'code', message })
  }
  const source = Function.prototype.toString.call(code)
  if (!/\{\s*\[native code\]\s*\}$/.test(source)) return source
  const message = `${what} expects a function with readable source, which a bound or built-in function lacks`
  throw new HeadlesslyError({ code: 'validation_error', field: 'code', message })
}
