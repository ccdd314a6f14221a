// The calls of one message, each answered by who answers it over REST: reads by the read path where it may and can, all
// else by the tenant's object, which is asked once for all that is left to it.

import type { ObjectErrorData, RemoteCall } from 'digital-objects'
import { AnswerRoom, type Caller, formatAnswer, noRoom, parseAnswer, type ReadCall, remoteToRead } from 'objects.do'
import type { Env } from '../env.ts'
import { errorToData } from '../error-to-data.ts'
import { problemOf } from '../problem.ts'
import { readPathOf } from '../read/read-path-of.ts'
import type { KeptRead, ReadPath } from '../read/read-path.ts'

export interface MessageParts {
  readonly env: Env
  readonly caller: Caller
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** Reads of one message that go through files; each may hold a page in memory. */
const filesAtOnceMax = 8

/**
 * In the order of the calls, each a line of JSON and then the body: `{ ok: true, bookmark, source, … }`, or
 * `{ ok: false, bookmark, problem }` with the document that HTTP has for it. Empty where nobody waits. Never rejects.
 */
export async function answerMessage(parts: MessageParts, calls: readonly RemoteCall[]): Promise<readonly string[]> {
  const readPath = readPathOf(parts.env)
  const referred = new Set(calls.flatMap(({ references = [] }) => references.map(({ call }) => call)))
  const answers: string[] = Array.from({ length: calls.length }, () => '')
  const forObject: number[] = []
  const passedOn: number[] = []
  const fromFiles: { readonly at: number; readonly read: ReadCall; readonly path: string }[] = []
  const room = new AnswerRoom()
  const put = (at: number, text: string): void => {
    answers[at] = room.take(text.length) ? text : formatRefusal(noRoom)
  }
  const readFiles = async (): Promise<void> => {
    for (let next = fromFiles.shift(); next !== undefined; next = fromFiles.shift()) {
      if (room.isFull) {
        answers[next.at] = formatRefusal(noRoom)
        continue
      }
      const text = readPath === undefined ? undefined : await answerFromPath({ ...parts, readPath }, next)
      if (text === undefined) passedOn.push(next.at)
      else put(next.at, text)
    }
  }
  for (const [at, call] of calls.entries()) {
    const isAlone = call.kind === 'read' && call.references === undefined && !referred.has(at)
    if (!isAlone || readPath === undefined) {
      forObject.push(at)
      continue
    }
    const read = remoteToRead(call, parts.caller)
    const path = pathOf(read)
    const kept = readPath.kept(read, path)
    if (kept === undefined) fromFiles.push({ at, read, path })
    else if (room.isFull) answers[at] = formatRefusal(noRoom)
    else put(at, formatKept(kept))
  }
  const ask = async (places: readonly number[]): Promise<void> => {
    const texts = await askObject(parts, calls, places)
    for (const [index, at] of places.entries()) answers[at] = texts[index] ?? ''
  }
  const files = Promise.all(Array.from({ length: filesAtOnceMax }, readFiles)).then(() => ask(passedOn))
  await Promise.all([ask(forObject), files])
  return answers
}

async function answerFromPath(
  { readPath, waitUntil }: MessageParts & { readonly readPath: ReadPath },
  { read, path }: { readonly read: ReadCall; readonly path: string },
): Promise<string | undefined> {
  try {
    const answer = await readPath.answer(read, { path, waitUntil })
    if (answer === undefined) return undefined
    return answer.ok ? formatAnswer(answer) : formatRefusal(answer.error, answer.bookmark)
  } catch (error) {
    return formatFault(error)
  }
}

/** The object's answers to the calls at these places. */
async function askObject(
  { env, caller }: MessageParts,
  calls: readonly RemoteCall[],
  places: readonly number[],
): Promise<readonly string[]> {
  if (places.length === 0) return []
  const asked = places.flatMap((at) => calls[at] ?? []).map((call) => withPlaces(call, places))
  let texts: readonly string[]
  try {
    texts = await env.TENANTS.getByName(caller.tenant).batch({ ...caller, calls: asked })
  } catch (error) {
    const refusal = formatFault(error)
    return places.map(() => refusal)
  }
  return texts.map((text, index) => {
    if (text === '') return text
    const isWrite = asked[index]?.kind === 'write'
    if (!isWrite && text.startsWith('{"ok":true')) return text
    const answer = parseAnswer(text)
    if (isWrite) readPathOf(env)?.wrote(caller.tenant, answer.bookmark)
    return answer.ok ? text : formatRefusal(answer.error, answer.bookmark)
  })
}

/** References count among those that are asked together. Who refers and who is referred to always are. */
function withPlaces(call: RemoteCall, places: readonly number[]): RemoteCall {
  if (call.references === undefined) return call
  return { ...call, references: call.references.map((one) => ({ ...one, call: places.indexOf(one.call) })) }
}

/** As REST has it, so that both find what is kept of the other's answers. */
function pathOf(read: ReadCall): string {
  if (read.read !== 'get' && read.read !== 'find' && read.read !== 'count') return ''
  const part = read.read === 'get' ? `/${read.id}` : read.read === 'count' ? '/count' : ''
  const query = Object.keys(read.parameters).length === 0 ? '' : `?${new URLSearchParams(read.parameters).toString()}`
  return `/~${read.tenant}/${read.noun}${part}${query}`
}

const decoder = new TextDecoder()

function formatKept({ kept, bookmark }: KeptRead): string {
  const { version, body } = kept
  return formatAnswer({
    ok: true,
    body: decoder.decode(body),
    bookmark,
    source: 'cache',
    ...(version === undefined ? {} : { version }),
  })
}

export function formatRefusal(error: ObjectErrorData, bookmark?: string): string {
  return `${JSON.stringify({ ok: false, bookmark, problem: problemOf(error) })}\n`
}

/** What was thrown, whoever is to blame. */
export function formatFault(error: unknown): string {
  const { data, log } = errorToData(error)
  const problem = problemOf(data)
  if (log) console.error(problem.requestId, error)
  return `${JSON.stringify({ ok: false, problem })}\n`
}
