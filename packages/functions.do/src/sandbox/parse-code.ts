// Checks the code of `do` as far as possible without parsing it: one function, not too long. The loader reports invalid
// JavaScript.

import { ObjectError } from 'digital-objects'
import { codeBytesMax } from './sandbox.ts'

const name = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`
/** Matches `async ($) =>`, `$ =>`, `function`, and `(`, whose arrow comes later. */
const functionStart = new RegExp(String.raw`^(?:async\b\s*)?(?:function\b(?!\s*\*)|\(|${name}\s*=>)`, 'u')
/** Matches white space and comments. */
const blank = String.raw`(?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*`
const leadingBlank = new RegExp(`^${blank}`)
const exportDefault = new RegExp(String.raw`^(${blank})export\s+default\b`)

/**
 * Returns the code for the loader, with unchanged line numbers. Removes a file's `export default` and final semicolon.
 * Throws an ObjectError that names `code`.
 */
export function parseCode(value: unknown): string {
  if (typeof value !== 'string') throw noFunction(value === undefined ? 'nothing' : typeof value)
  if (new TextEncoder().encode(value).byteLength > codeBytesMax) {
    const message = `expected code of at most ${codeBytesMax} bytes`
    throw new ObjectError({ code: 'payload_too_large', field: 'code', message })
  }
  const code = value.replace(exportDefault, '$1').replace(/[;\s]+$/, '')
  const start = code.replace(leadingBlank, '')
  if (!functionStart.test(start) || !/=>|function/.test(start) || /\{\s*\[native code\]\s*\}$/.test(start))
    throw noFunction(start === '' ? 'nothing' : `'${start.slice(0, 40)}'`)
  return code
}

function noFunction(got: string): ObjectError {
  const message = `code expects the source of one function, such as 'async ($) => $.Contact.count()', got ${got}`
  return new ObjectError({ code: 'invalid_body', field: 'code', message })
}
