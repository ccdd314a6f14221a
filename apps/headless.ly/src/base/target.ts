// The parts of a request's URL. It is parsed by hand, since every request passes here, and strictly: a URL that can be
// read in two ways is refused.

import { decodePart, ObjectError } from 'digital-objects'

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
  const segments = (path.endsWith('/') ? path.slice(0, -1) : path)
    .split('/')
    .map((segment) => decodePart(segment, 'path'))
  return {
    origin: url.slice(0, pathStart),
    host: url.slice(hostStart, pathStart),
    segments,
    search: searchAt < 0 ? '' : url.slice(searchAt),
    path: url.slice(pathStart),
  }
}
