// The code of `do`, checked as far as can be told without reading all of it: one function, and not too long. What is no
// JavaScript, the loader finds out.

import { ObjectError } from 'digital-objects'
import { codeBytesMax } from './sandbox.ts'

const name = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`
/** `async ($) =>`, `$ =>`, `function`; of one that begins with `(` its arrow comes later. */
const functionStart = new RegExp(String.raw`^(?:async\b\s*)?(?:function\b(?!\s*\*)|\(|${name}\s*=>)`, 'u')
/** Spaces and comments. */
const blank = String.raw`(?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*`
const leadingBlank = new RegExp(`^${blank}`)
const exportDefault = new RegExp(String.raw`^(${blank})export\s+default\b`)

/**
 * As the loader is given it: lines are where they were. What a file has around it, `export default` and a semicolon, is
 * taken away. Throws an ObjectError that names `code`.
 */
export function parseCode(value: unknown): string {
  if (typeof value !== 'string') throw noFunction(value === undefined ? 'nothing' : typeof value)
  if (new TextEncoder().encode(value).byteLength > codeBytesMax) {
    const message = `code holds at most ${codeBytesMax} bytes`
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
