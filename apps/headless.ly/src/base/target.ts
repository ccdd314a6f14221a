// The parts of a request's URL. It is parsed by hand, since every request passes here, and strictly: a URL that can be
// read in two ways is refused.

import { ObjectError, type Parameters } from 'digital-objects'

export interface Target {
  /** `http://crm.localhost:8787` */
  readonly origin: string
  /** `crm.localhost:8787` */
  readonly host: string
  /** Decoded segments of the path; `/~acme/Contact` has two. */
  readonly segments: readonly string[]
  /** The query as it arrived, with its `?`, or empty. */
  readonly search: string
  /** Path and query as they arrived. */
  readonly path: string
}

const urlCharactersMax = 16_384
const parametersMax = 100

/** Throws an ObjectError that names the part of the URL. */
export function parseTarget(url: string): Target {
  if (url.length > urlCharactersMax)
    throw new ObjectError({
      code: 'payload_too_large',
      field: 'url',
      message: `a URL holds at most ${urlCharactersMax} characters`,
    })
  const hostStart = url.indexOf('//') + 2
  const pathStart = url.indexOf('/', hostStart)
  const searchAt = url.indexOf('?', pathStart)
  const path = url.slice(pathStart + 1, searchAt < 0 ? undefined : searchAt)
  const segments = (path.endsWith('/') ? path.slice(0, -1) : path).split('/').map((segment) => decode(segment, 'path'))
  return {
    origin: url.slice(0, pathStart),
    host: url.slice(hostStart, pathStart),
    segments,
    search: searchAt < 0 ? '' : url.slice(searchAt),
    path: url.slice(pathStart),
  }
}

/** Query parameters by name. Throws an ObjectError if a name occurs twice. */
export function parseParameters(search: string): Parameters {
  if (search.length < 2) return {}
  const parameters: Record<string, string> = {}
  let size = 0
  for (const pair of search.slice(1).split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decode(at < 0 ? pair : pair.slice(0, at), 'query')
    if (Object.hasOwn(parameters, name))
      throw new ObjectError({
        code: 'invalid_parameter',
        field: name.slice(0, 64),
        message: `'${name.slice(0, 64)}' came twice`,
      })
    const value = at < 0 ? '' : decode(pair.slice(at + 1).replaceAll('+', ' '), name)
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

function decode(text: string, field: string): string {
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
