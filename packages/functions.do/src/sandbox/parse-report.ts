// Validates the report of a run from inside the sandbox: the code may have tampered with it. A process that runs code
// passes the outcome on as JSON, and the server validates it in the same way.

import { type Fault, type ObjectErrorData, objectErrorCodes, tryParseJson, isObject } from 'digital-objects'
import { logCharactersMax, logLinesMax, resultBytesMax, type SandboxOutcome } from './sandbox.ts'

type Fields = Readonly<Record<string, unknown>>

const messageCharactersMax = 1_000
const faultsMax = 100
const detailsMax = 20

export function parseReport(value: unknown): SandboxOutcome {
  const report = fieldsOf(value)
  const ended = {
    logs: textsOf(report['logs']),
    ...(isBookmark(report['bookmark']) ? { bookmark: report['bookmark'] } : {}),
  }
  if (report['error'] !== undefined) {
    const isCut = report['isCut'] === true ? { isCut: true } : {}
    return { ok: false, ...ended, error: parseError(fieldsOf(report['error'])), ...isCut }
  }
  const { body } = report
  if (typeof body !== 'string' || !(body.startsWith('{') && isObject(tryParseJson(body)))) {
    const message = 'the code damaged the report of its result'
    return { ok: false, ...ended, error: { code: 'code_failed', field: 'code', message } }
  }
  if (new TextEncoder().encode(body).byteLength > resultBytesMax) return { ok: false, ...ended, error: tooLarge }
  return { ok: true, ...ended, body }
}

/** An outcome as JSON. Its members are those of a report, and its error has `faults`. */
export function parseOutcome(text: string): SandboxOutcome {
  return parseReport(tryParseJson(text))
}

const tooLarge: ObjectErrorData = {
  code: 'payload_too_large',
  field: 'result',
  message: `expected a result of at most ${resultBytesMax} bytes of JSON; return less`,
}

/** A refused call keeps its error code; everything else counts as the code's own failure. */
function parseError(error: Fields): ObjectErrorData {
  const { code, field, message, line } = error
  const known = objectErrorCodes.find((one) => one === code)
  const detail = { ...detailOf(error['detail']), ...(Number.isSafeInteger(line) ? { line: Number(line) } : {}) }
  const faults = faultsOf(error['errors'] ?? error['faults'])
  return {
    // A missing feature concerns this server only, not the caller.
    code: known === undefined || known === 'not_configured' ? 'code_failed' : known,
    message: textOf(message, messageCharactersMax),
    ...(typeof field === 'string' ? { field: field.slice(0, 200) } : {}),
    ...(faults.length === 0 ? {} : { faults }),
    ...(Object.keys(detail).length === 0 ? {} : { detail }),
  }
}

function faultsOf(value: unknown): readonly Fault[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, faultsMax).map((item: unknown) => {
    const { field, message } = fieldsOf(item)
    return { field: textOf(field, 200), message: textOf(message, messageCharactersMax) }
  })
}

function detailOf(value: unknown): NonNullable<ObjectErrorData['detail']> {
  const entries = Object.entries(fieldsOf(value)).slice(0, detailsMax)
  const plain = entries.flatMap(([name, item]) =>
    typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean' || item === null
      ? [[name, typeof item === 'string' ? item.slice(0, messageCharactersMax) : item] as const]
      : [],
  )
  return Object.fromEntries(plain)
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.slice(0, logLinesMax).map((line) => textOf(line, logCharactersMax)) : []
}

function textOf(value: unknown, charactersMax: number): string {
  return typeof value === 'string' ? value.slice(0, charactersMax) : ''
}

function isBookmark(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-z]{1,32}\.\d{1,15}$/.test(value)
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
