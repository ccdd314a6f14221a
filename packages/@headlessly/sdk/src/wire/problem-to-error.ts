// Converts a refusal, in the form of RFC 9457 problem details, to the client's error.

import { type Fault, type ObjectErrorCode, tryParseJson } from 'digital-objects'
import { HeadlesslyError, type HeadlesslyErrorData } from '../base/headlessly-error.ts'

/** Members with a meaning of their own; all others go to `detail`. */
const ownMembers = new Set(['type', 'title', 'status', 'detail', 'code', 'field', 'errors', 'requestId'])

export const bookmarkHeader = 'x-headlessly-bookmark'

/** Converts a whole HTTP response. */
export function problemToError(response: Response, text: string): HeadlesslyError {
  const { status } = response
  const problem = parseProblem(tryParseJson(text))
  const after = retryAfter(response)
  if (problem === undefined) {
    const message = `expected an answer from headless.ly, got status ${status} from something else`
    return new HeadlesslyError({ code: 'unexpected_answer', status, message, ...after })
  }
  const bookmark = response.headers.get(bookmarkHeader)
  return new HeadlesslyError({ ...problem, status, ...after, ...(bookmark === null ? {} : { bookmark }) })
}

/** Converts the refusal of one call in a message. */
export function refusalToError(value: unknown, bookmark: string | undefined): HeadlesslyError {
  const problem = parseProblem(value)
  if (problem === undefined)
    return new HeadlesslyError({ code: 'unexpected_answer', message: 'expected a refusal that says why' })
  return new HeadlesslyError({ ...problem, ...(bookmark === undefined ? {} : { bookmark }) })
}

function parseProblem(value: unknown): HeadlesslyErrorData | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const problem = value as Readonly<Record<string, unknown>>
  const { code, detail, field, errors, requestId, retryAfterSeconds, status } = problem
  if (typeof code !== 'string' || typeof detail !== 'string') return undefined
  return {
    // A newer server may use codes that this client does not know.
    code: code as ObjectErrorCode,
    message: detail,
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof field === 'string' ? { field } : {}),
    ...(Array.isArray(errors) ? { errors: errors.filter(isFault) } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterMs: retryAfterSeconds * 1_000 } : {}),
    detail: Object.fromEntries(Object.entries(problem).filter(([name]) => !ownMembers.has(name))),
  }
}

function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'field' in value && 'message' in value
}

/** Parses seconds, which this server sends; dates are ignored. */
function retryAfter(response: Response): { readonly retryAfterMs?: number } {
  const text = response.headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? { retryAfterMs: Number(text) * 1_000 } : {}
}
