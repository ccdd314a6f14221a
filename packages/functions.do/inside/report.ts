// The outcome of a run as plain data that leaves the sandbox.

import { HeadlesslyError } from '@headlessly/sdk'
import { ObjectError, valueToJson } from 'digital-objects'

/**
 * Returns the JSON of `{ result, exceptions? }`. Throws a HeadlesslyError `payload_too_large`, or `code_failed` if the
 * result is not data.
 */
export function resultToBody(result: unknown, charactersMax: number): string {
  try {
    const { json, exceptions } = valueToJson(result, { jsonOf: ownText, charactersMax })
    return `{"result":${json}${exceptions.length === 0 ? '' : `,"exceptions":${JSON.stringify(exceptions)}`}}`
  } catch (error) {
    if (error instanceof ObjectError)
      throw new HeadlesslyError({ code: 'payload_too_large', field: 'result', message: error.message })
    if (!(error instanceof TypeError)) throw error
    const message = 'the result is not data: it contains a function, a symbol or a bigint'
    throw new HeadlesslyError({ code: 'code_failed', field: 'result', message })
  }
}

/** A date becomes what JSON makes of it. */
function ownText(value: object): string | undefined {
  return 'toJSON' in value && typeof value.toJSON === 'function' ? (JSON.stringify(value) ?? 'null') : undefined
}

export function errorToReport(error: unknown): object {
  const line = lineOf(error)
  if (error instanceof HeadlesslyError) {
    const { code, field, errors, detail, requestId } = error
    // The server's log lists the error under the id it had inside the sandbox.
    const message = code === 'internal_error' ? `${error.message} (${requestId})` : error.message
    return { code, message, field, errors: errors.map(({ field, message }) => ({ field, message })), detail, line }
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : shownValue(error)
  const at = line === undefined ? '' : `, at line ${line}`
  const isAroundIt = error instanceof ReferenceError && error.message.endsWith('is not defined')
  const hint = isAroundIt ? '; it has only its client and what it is given, and no outer variables' : ''
  return { code: 'code_failed', field: 'code', message: `the code threw ${what}${at}${hint}`, line }
}

/** The refusal of a stored function: its own words, if it threw an Error to say them. */
export function errorOfHandler(error: unknown): object {
  if (!(error instanceof Error) || error.name !== 'Error') return errorToReport(error)
  return { code: 'hook_rejected', message: error.message, line: lineOf(error) }
}

/** Returns the first line of the developer's code in the stack. */
function lineOf(error: unknown): number | undefined {
  const stack = error instanceof Error ? error.stack : undefined
  const digits = /\bcode\.js:(\d{1,6})/.exec(String(stack))?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function shownValue(value: unknown): string {
  try {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  } catch {
    // The value contains itself, or throws when it is serialized.
    return `a ${typeof value}`
  }
}
