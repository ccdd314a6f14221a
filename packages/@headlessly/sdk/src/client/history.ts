// `$.history`: loads a tenant with its past, before its first live write.

import { bodyCharactersMax, type HistoryLine, isObject, type LoadedHistory } from 'digital-objects'
import { callSite, errorAt } from '../base/call-site.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import { toJsonText } from '../calls/json-text.ts'
import { makeKey } from '../calls/make-key.ts'
import { unexpectedAnswer } from '../calls/parse-answer.ts'
import type { Session } from '../calls/session.ts'

/** A line, or its JSON. */
export type Lines = Iterable<HistoryLine | string> | AsyncIterable<HistoryLine | string>

export interface LoadOptions extends CallOptions {
  /** Called after each message with the lines that are in. */
  readonly onProgress?: ((loaded: LoadedHistory) => void) | undefined
}

export interface History {
  /**
   * Loads the lines, oldest first, some hundred at a time. Lines that are in already are skipped, so that the same lines may
   * be loaded again after a failure. A refused line is thrown; those before it are in, as its `detail` says.
   */
  load(lines: Lines, options?: LoadOptions): Promise<LoadedHistory>
  /** The number of lines that are in, and whether more are accepted. */
  read(options?: CallOptions): Promise<LoadedHistory>
  /** Ends the load without a live write, so that what a business does by itself begins. */
  end(options?: CallOptions): Promise<LoadedHistory>
}

const chunkLinesMax = 1_000
const chunkCharactersMax = bodyCharactersMax / 4

export function makeHistory(session: () => Session): History {
  const write = async (
    call: { readonly verb: string; readonly id?: string; readonly body: string },
    signal?: AbortSignal,
  ) => toLoaded((await session().send({ kind: 'write', noun: '', idempotencyKey: makeKey(), ...call }, signal)).body)
  const read = async ({ signal }: CallOptions = {}): Promise<LoadedHistory> =>
    toLoaded((await session().send({ kind: 'read', read: 'history.get', parameters: {} }, signal)).body)
  const load = async (lines: Lines, { signal, onProgress }: LoadOptions = {}): Promise<LoadedHistory> => {
    const site = callSite()
    try {
      let loaded = await read({ signal })
      // The last line that is in is sent again: the server compares it.
      const firstSent = Math.max(loaded.lines, 1)
      for await (const { from, texts } of chunksOf(lines, firstSent)) {
        loaded = await write({ verb: 'history.load', id: String(from), body: texts.join('\n') }, signal)
        onProgress?.(loaded)
      }
      return loaded
    } catch (error) {
      throw errorAt(error, site)
    }
  }
  return Object.freeze<History>({
    load,
    read,
    end: ({ signal } = {}) => write({ verb: 'history.end', body: '' }, signal),
  })
}

async function* chunksOf(
  lines: Lines,
  firstSent: number,
): AsyncGenerator<{ readonly from: number; readonly texts: readonly string[] }> {
  let number = 0
  let from = firstSent
  let texts: string[] = []
  let characters = 0
  for await (const line of lines) {
    number++
    if (number < firstSent) continue
    const text = textOf(line, number)
    if (texts.length > 0 && (texts.length === chunkLinesMax || characters + text.length > chunkCharactersMax)) {
      yield { from, texts }
      ;[from, texts, characters] = [number, [], 0]
    }
    texts.push(text)
    characters += text.length + 1
  }
  if (texts.length > 0) yield { from, texts }
}

function textOf(line: HistoryLine | string, number: number): string {
  const text =
    typeof line === 'string'
      ? line
      : toJsonText(line, { what: `history line ${number}`, code: 'validation_error', isUndefinedRefused: false }).text
  if (!text.includes('\n')) return text
  const message = `history line ${number} expects one line of JSON`
  throw new HeadlesslyError({ code: 'validation_error', field: 'lines', message })
}

/** The rest is the server's own. */
function toLoaded(body: unknown): LoadedHistory {
  if (isObject(body) && typeof body['lines'] === 'number') return body as unknown as LoadedHistory
  throw unexpectedAnswer('the state of a history')
}
