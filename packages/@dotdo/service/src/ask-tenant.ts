// Single calls of a route to its tenant, with the rights of the request's caller.

import {
  type Call,
  isPlainObject,
  type JsonValue,
  ObjectError,
  type ObjectErrorData,
  tryParseJson,
  type Fault,
  type ObjectErrorCode,
} from 'digital-objects'
import type { ServiceRequest } from './service.ts'

export interface Asked {
  /** The JSON of the answer; undefined if it has none. */
  readonly body: JsonValue | undefined
  readonly bookmark?: string
  readonly commit?: number
}

/** Throws the ObjectError with which the call was refused. */
export async function ask({ answerMessage }: Pick<ServiceRequest, 'answerMessage'>, call: Call): Promise<Asked> {
  const [text = ''] = await answerMessage(JSON.stringify({ calls: [call] }), (calls) => calls)
  const end = text.indexOf('\n')
  const head = tryParseJson(text.slice(0, end))
  if (!isPlainObject(head)) throw new ObjectError({ code: 'internal_error', message: 'the tenant gave no answer' })
  if (head['ok'] !== true) throw errorOfProblem(head['problem'])
  const { bookmark, commit } = head
  const body = text.slice(end + 1)
  return {
    body: body === '' ? undefined : (JSON.parse(body) as JsonValue),
    ...(typeof bookmark === 'string' ? { bookmark } : {}),
    ...(typeof commit === 'number' ? { commit } : {}),
  }
}

/** Members of a problem document that are no details of the error. */
const ownMembers = ['type', 'title', 'status', 'detail', 'code', 'field', 'errors', 'requestId']

/** Returns the error that a problem document of the tenant's object describes. */
export function errorOfProblem(problem: unknown): ObjectError {
  if (!isPlainObject(problem)) return new ObjectError({ code: 'internal_error', message: 'the tenant gave no reason' })
  const { detail, code, field, errors } = problem
  const others = Object.entries(problem).filter(([name]) => !ownMembers.includes(name))
  // The tenant's object wrote the document.
  return new ObjectError({
    code: code as ObjectErrorCode,
    message: String(detail),
    ...(typeof field === 'string' ? { field } : {}),
    ...(Array.isArray(errors) ? { faults: errors as Fault[] } : {}),
    detail: Object.fromEntries(others) as NonNullable<ObjectErrorData['detail']>,
  })
}
