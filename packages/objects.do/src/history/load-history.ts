// `history.load`: loads lines of a tenant's past, which continue those that are in. Lines are numbered from 1, and a line
// that is in already is skipped, so that the same lines may be sent again after a failure.

import { type CommitSeries, hashLine, type LoadPosition } from '@dotdo/do'
import { type JsonValue, ObjectError, type ObjectErrorData } from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { tenantOf } from '../writes/commit-call.ts'
import type { Write, WriteAsked, WriteParts } from '../writes/write.ts'
import { type ParsedLine, parseLine } from './parse-line.ts'
import { LineWriter } from './perform-line.ts'

/** Limits the lines of one transaction, so that other requests need not wait long. */
const linesPerStep = 250
const linesMax = 999_999_999

export const loadHistory: Write = {
  kind: 'write',
  name: 'history.load',
  about: 'Load lines of the past of a tenant without entities, which continue those that are in',
  routes: [{ methods: ['POST'], path: '/history' }],
  listedAs: { tag: 'history', operationId: 'history.load' },
  parameters: {
    from: {
      about: 'Number of the first line that is sent; lines that are in already are skipped. 1 by default',
      schema: { type: 'integer', minimum: 1, maximum: linesMax },
    },
    ...readHeaders,
  },
  body: { isRequired: true, schema: () => ref('HistoryLines'), mediaType: 'application/x-ndjson' },
  responses: () => ({ 200: jsonResponse('The lines that are in', ref('LoadedHistory')) }),

  async perform(parts, asked) {
    requireFullAuthority(asked.caller, 'the history')
    refuseOptions(asked.call)
    const from = parseFrom(asked.call.id)
    const lines = linesOf(asked.call.body)
    const { store } = parts
    if (!store.isReady) store.history.requirePosition()
    for (let at = 0; at < lines.length; at += linesPerStep) {
      const step = { lines: lines.slice(at, at + linesPerStep), from: from + at }
      const refused = await store.history.load((series) => loadStep(series, { parts, asked, step }), tenantOf(asked))
      if (refused !== null) throw new ObjectError(refused as unknown as ObjectErrorData) // made by `loadStep`
    }
    return { body: JSON.stringify(store.history.state()) }
  },
}

export const endHistory: Write = {
  kind: 'write',
  name: 'history.end',
  about: 'End the load of the past: what a business does by itself begins',
  routes: [{ methods: ['POST'], path: '/history/end' }],
  listedAs: { tag: 'history', operationId: 'history.end' },
  parameters: readHeaders,
  responses: () => ({ 200: jsonResponse('The lines that are in', ref('LoadedHistory')) }),

  async perform({ store }, asked) {
    requireFullAuthority(asked.caller, 'the history')
    refuseOptions(asked.call)
    return { body: JSON.stringify(await store.history.end(tenantOf(asked))) }
  },
}

interface Step {
  readonly lines: readonly string[]
  /** The number of the first one. */
  readonly from: number
}

/** Loads lines up to the first that is refused; returns its error, or null. Runs in the lane, in one transaction. */
function loadStep(
  series: CommitSeries,
  { parts, asked, step }: { readonly parts: WriteParts; readonly asked: WriteAsked; readonly step: Step },
): JsonValue {
  const { store } = parts
  const start = store.history.requirePosition()
  if (step.from > start.lines + 1) throw gap(step.from, start.lines)
  const writer = new LineWriter(parts, asked.caller)
  let { lines, atMs } = start
  let last: string | undefined
  let refused: JsonValue = null
  for (const [index, text] of step.lines.entries()) {
    const number = step.from + index
    if (number <= start.lines) {
      if (number === start.lines && hashLine(text) !== start.hash) throw otherLine(number)
      continue
    }
    try {
      if (text.trim() !== '') {
        const line = parseLine(text)
        checkTime(line, { earliestMs: atMs, nowMs: store.nowMs })
        writer.perform(line, (newId, work) => series.commit({ atMs: line.atMs, newId }, work))
        ;({ atMs } = line)
      }
      lines = number
      last = text
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      refused = toRefusal(error, { number, lines })
      break
    }
  }
  if (last !== undefined) store.history.advance({ lines, atMs, hash: hashLine(last) } satisfies LoadPosition)
  return refused
}

function checkTime(
  { atMs }: ParsedLine,
  { earliestMs, nowMs }: { readonly earliestMs: number; readonly nowMs: number },
): void {
  const iso = (ms: number): string => new Date(ms).toISOString()
  const message =
    atMs < earliestMs
      ? `expects a time from ${iso(earliestMs)} on, that of the line or event before, got ${iso(atMs)}`
      : atMs > nowMs
        ? `expects a time that is not in the future, got ${iso(atMs)}; it is ${iso(nowMs)} now`
        : undefined
  if (message === undefined) return
  const faults = [{ field: 'timestamp', message }]
  throw new ObjectError({ code: 'validation_error', field: 'timestamp', message: `'timestamp' ${message}`, faults })
}

/** The refusal names the line, and the number of lines that are in. */
function toRefusal(
  error: ObjectError,
  { number, lines }: { readonly number: number; readonly lines: number },
): JsonValue {
  const data = error.toData()
  const refusal = {
    ...data,
    message: `line ${number}: ${data.message}`,
    detail: { ...data.detail, line: number, lines },
  }
  // Error data is made of JSON values.
  return refusal as unknown as JsonValue
}

function linesOf(body: string): readonly string[] {
  const lines = body.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  if (lines.at(-1) === '') lines.pop()
  if (lines.length === 0)
    throw new ObjectError({ code: 'invalid_body', field: 'body', message: 'the body expects a line' })
  return lines
}

function parseFrom(text = '1'): number {
  const from = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN
  if (from >= 1) return from
  const message = `from expects the number of a line, got ${JSON.stringify(text.slice(0, 64))}`
  throw new ObjectError({ code: 'invalid_parameter', field: 'from', message })
}

function refuseOptions({ at, ifVersion }: WriteAsked['call']): void {
  const field = at !== undefined ? 'X-Headlessly-At' : ifVersion !== undefined ? 'If-Match' : undefined
  if (field === undefined) return
  throw new ObjectError({ code: 'invalid_parameter', field, message: `a history does not support ${field}` })
}

function gap(from: number, lines: number): ObjectError {
  return new ObjectError({
    code: 'conflict',
    field: 'from',
    message: `${lines} lines are in, so the next lines begin at ${lines + 1}, got ${from}`,
    detail: { lines },
  })
}

function otherLine(number: number): ObjectError {
  return new ObjectError({
    code: 'conflict',
    field: 'from',
    message: `line ${number} is in already, with another text: continue with the same lines, or send only further ones`,
    detail: { line: number, lines: number },
  })
}
