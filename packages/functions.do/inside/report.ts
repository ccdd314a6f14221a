// What a run came to, as plain data that leaves the sandbox.

import { HeadlesslyError } from '@headlessly/sdk'
import { ObjectError, valueToJson } from 'digital-objects'

/** JSON of `{ result, exceptions? }`. Throws a HeadlesslyError `payload_too_large`, or `code_failed` for what is no data. */
export function resultToBody(result: unknown, charactersMax: number): string {
  try {
    const { json, exceptions } = valueToJson(result, { textOf: ownText, charactersMax })
    return `{"result":${json}${exceptions.length === 0 ? '' : `,"exceptions":${JSON.stringify(exceptions)}`}}`
  } catch (error) {
    if (error instanceof ObjectError)
      throw new HeadlesslyError({ code: 'payload_too_large', field: 'result', message: error.message })
    if (!(error instanceof TypeError)) throw error
    const message = 'the result is no data: it holds a function, a symbol or a bigint'
    throw new HeadlesslyError({ code: 'code_failed', field: 'result', message })
  }
}

/** A date is what JSON makes of it. */
function ownText(value: object): string | undefined {
  return 'toJSON' in value && typeof value.toJSON === 'function' ? (JSON.stringify(value) ?? 'null') : undefined
}

export function errorToReport(error: unknown): object {
  const line = lineOf(error)
  if (error instanceof HeadlesslyError) {
    const { code, field, errors, detail, requestId } = error
    // The server's log knows it by the id that it had in there.
    const message = code === 'internal_error' ? `${error.message} (${requestId})` : error.message
    return { code, message, field, errors: errors.map(({ field, message }) => ({ field, message })), detail, line }
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : shownValue(error)
  const at = line === undefined ? '' : `, at line ${line}`
  const isAroundIt = error instanceof ReferenceError && error.message.endsWith('is not defined')
  const hint = isAroundIt ? '; it has its client and what it is given, and nothing from around it' : ''
  return { code: 'code_failed', field: 'code', message: `the code threw ${what}${at}${hint}`, line }
}

/** The first line of the developer's own in the stack. */
function lineOf(error: unknown): number | undefined {
  const stack = error instanceof Error ? error.stack : undefined
  const digits = /\bcode\.js:(\d{1,6})/.exec(String(stack))?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function shownValue(value: unknown): string {
  try {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  } catch {
    // It contains itself, or throws when it is written.
    return `a ${typeof value}`
  }
}
