// Requests of the sign-in pages: a form of a page of this server, or the same fields as JSON.

import { ObjectError } from 'digital-objects'
import type { Env } from '../base/env.ts'
import { localTarget } from '../base/local-only.ts'
import { requireOwnOrigin } from '../base/own-origin.ts'
import { readText } from '../base/request-body.ts'

export type Fields = Readonly<Record<string, string>>

const bytesMax = 64 * 1_024

/** Throws an ObjectError for a request of another page, and for fields that cannot be read. */
export async function readFields(request: Request, env: Env): Promise<Fields> {
  localTarget(request.url, env)
  requireOwnOrigin(request, env)
  const text = await readText(request, bytesMax)
  return isForm(request) ? Object.fromEntries(new URLSearchParams(text)) : parseJson(request, text)
}

/** The fields of a JSON body, from any sender. Throws an ObjectError. */
export async function readJsonFields(request: Request): Promise<Fields> {
  return parseJson(request, await readText(request, bytesMax))
}

function parseJson(request: Request, text: string): Fields {
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
    throw new ObjectError({
      code: 'unsupported_media_type',
      field: 'Content-Type',
      message: 'expected a body of application/json',
    })
  return parseFields(text === '' ? '{}' : text)
}

export function isForm({ headers }: Request): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers.get('content-type') ?? '')
}

/** Throws an ObjectError `validation_error` for a field that is missing. */
export function requireField(fields: Fields, name: string): string {
  const value = fields[name]
  if (value !== undefined && value !== '') return value
  throw new ObjectError({ code: 'validation_error', field: name, message: `${name} is required` })
}

function parseFields(text: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body is not JSON' })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ObjectError({ code: 'invalid_body', field: 'body', message: 'expected an object' })
  const entries = Object.entries(value).map(([name, inner]: [string, unknown]) => {
    if (typeof inner === 'string') return [name, inner] as const
    throw new ObjectError({
      code: 'validation_error',
      field: name.slice(0, 64),
      message: `${name.slice(0, 64)} expects a string`,
    })
  })
  return Object.fromEntries(entries)
}
