// A refusal over HTTP (RFC 9457 problem details) as the client's error.

import type { Fault, ObjectErrorCode } from 'digital-objects'
import { HeadlesslyError, type HeadlesslyErrorData } from './headlessly-error.ts'

/** Members with a meaning of their own; the others are `detail`. */
const ownMembers = new Set(['type', 'title', 'status', 'detail', 'code', 'field', 'errors', 'requestId'])

export const bookmarkHeader = 'x-headlessly-bookmark'

export function problemToError(
  response: Response,
  options: { readonly text: string; readonly isVersionExpected?: boolean },
): HeadlesslyError {
  const { status } = response
  const problem = parseProblem(options.text)
  if (problem === undefined) {
    const message = `expected an answer of headless.ly, got status ${status} from something else`
    return new HeadlesslyError({ code: 'unexpected_answer', status, message, ...retryAfter(response) })
  }
  const bookmark = response.headers.get(bookmarkHeader)
  const error = { ...problem, status, ...retryAfter(response), ...(bookmark === null ? {} : { bookmark }) }
  // HTTP's own words for it; in code an expected version is no header.
  if (error.code === 'precondition_failed' && options.isVersionExpected === true)
    return new HeadlesslyError({ ...error, code: 'version_conflict', status: 409, field: 'ifVersion' })
  return new HeadlesslyError(error)
}

function parseProblem(text: string): HeadlesslyErrorData | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const problem = value as Readonly<Record<string, unknown>>
  const { code, detail, field, errors, requestId } = problem
  if (typeof code !== 'string' || typeof detail !== 'string') return undefined
  return {
    // A newer server may have codes that this client does not know.
    code: code as ObjectErrorCode,
    message: detail,
    ...(typeof field === 'string' ? { field } : {}),
    ...(Array.isArray(errors) ? { errors: errors.filter(isFault) } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    detail: Object.fromEntries(Object.entries(problem).filter(([name]) => !ownMembers.has(name))),
  }
}

function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'field' in value && 'message' in value
}

/** Seconds, as this server says it; a date is not read. */
function retryAfter(response: Response): { readonly retryAfterMs?: number } {
  const text = response.headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? { retryAfterMs: Number(text) * 1_000 } : {}
}
