// The query and the segments of a path, decoded strictly: a query that can be read in two ways is refused. REST requests and the
// operations of a batch have both.

import { ObjectError } from '../base/object-error.ts'
import type { Parameters } from './call.ts'

const parametersMax = 100

/** Query parameters by name. Throws an ObjectError if a name occurs twice. */
export function parseParameters(search: string): Parameters {
  if (search.length < 2) return {}
  const parameters: Record<string, string> = {}
  let size = 0
  for (const pair of search.slice(1).split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decodePart(at < 0 ? pair : pair.slice(0, at), 'query')
    if (Object.hasOwn(parameters, name))
      throw new ObjectError({
        code: 'invalid_parameter',
        field: name.slice(0, 64),
        message: `'${name.slice(0, 64)}' came twice`,
      })
    const value = at < 0 ? '' : decodePart(pair.slice(at + 1).replaceAll('+', ' '), name)
    if (name === '__proto__') define(parameters, name, value)
    else parameters[name] = value
    size++
  }
  if (size > parametersMax)
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'query',
      message: `a query holds at most ${parametersMax} parameters`,
    })
  return parameters
}

/** An assignment would set the prototype. */
function define(parameters: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(parameters, name, { value, enumerable: true, writable: true, configurable: true })
}

/** Decodes a segment of a path, or a name or value of a query. Throws an ObjectError that names the field. */
export function decodePart(text: string, field: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw new ObjectError({
      code: 'invalid_parameter',
      field: field.slice(0, 64),
      message: `'${text.slice(0, 64)}' is not percent-encoded UTF-8`,
    })
  }
}
