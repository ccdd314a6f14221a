// Answers the calls of one message as REST answers them: reads go through the read path, if it may and can answer; the
// tenant's object answers all others, in one call.

import {
  type Bookmark,
  type Call,
  type CallOf,
  type ErrorPlace,
  formatBookmark,
  formatInternalError,
  newerBookmark,
  type ObjectErrorData,
  parseBookmark,
} from 'digital-objects'
import {
  AnswerRoom,
  bookmarkInText,
  type Caller,
  formatAnswer,
  noRoom,
  pathOfRead,
  problemOf,
  refusalIn,
} from 'objects.do'
import type { Env } from '../base/env.ts'
import { errorToData } from '../base/error-to-data.ts'
import { readPathOf } from '../read/read-path-of.ts'
import type { CachedRead, ReadPath } from '../read/read-path.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

export interface MessageParts {
  readonly env: Env
  readonly caller: Caller
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** Reads of one message that go through files at the same time; each may hold a page in memory. */
const filesAtOnceMax = 8

/**
 * In the order of the calls, each a line of JSON and then the body: `{ ok: true, bookmark, source, ... }`, or
 * `{ ok: false, bookmark, problem }` with the problem document of HTTP. Empty for a silent call. Never rejects.
 */
export async function answerMessage(parts: MessageParts, calls: readonly Call[]): Promise<readonly string[]> {
  return new Message(parts, calls).answer()
}

interface FilesRead {
  readonly index: number
  readonly call: CallOf<'read'>
  /** The path on REST, so that RPC and REST share cached answers. */
  readonly path: string
}

class Message {
  readonly #parts: MessageParts
  readonly #calls: readonly Call[]
  readonly #answers: string[]
  readonly #room = new AnswerRoom()

  constructor(parts: MessageParts, calls: readonly Call[]) {
    this.#parts = parts
    this.#calls = calls
    this.#answers = Array.from({ length: calls.length }, () => '')
  }

  async answer(): Promise<readonly string[]> {
    let readPath: ReadPath | undefined
    try {
      readPath = await this.#readPath()
    } catch (error) {
      const { env, caller } = this.#parts
      const fault = await formatFault(error, { env, request: 'rpc', tenant: caller.tenant })
      return this.#calls.map(() => fault)
    }
    const referred = new Set(this.#calls.flatMap(({ references = [] }) => references.map(({ call }) => call)))
    const forObject: number[] = []
    const forFiles: FilesRead[] = []
    for (const [index, call] of this.#calls.entries()) {
      const isAlone = call.kind === 'read' && call.references === undefined && !referred.has(index)
      if (!isAlone || readPath === undefined) {
        forObject.push(index)
        continue
      }
      const read = { index, call, path: this.#pathOf(call) }
      if (!this.#answerCached(readPath, read)) forFiles.push(read)
    }
    const files = readPath === undefined ? undefined : this.#readFiles(readPath, forFiles)
    await Promise.all([this.#askObject(forObject), files])
    return this.#answers
  }

  /** Undefined if the tenant does not exist: looking for its files would leave an entry in a cache. */
  async #readPath(): Promise<ReadPath | undefined> {
    const { env, caller } = this.#parts
    const tenants = tenantsOf(env)
    const isPresent = tenants.isKnown(caller.tenant) || (await tenants.exists(caller.tenant))
    return isPresent ? readPathOf(env) : undefined
  }

  #pathOf(call: CallOf<'read'>): string {
    const { parameters } = call
    const query = Object.keys(parameters).length === 0 ? '' : `?${new URLSearchParams(parameters).toString()}`
    return `/~${this.#parts.caller.tenant}${pathOfRead(call)}${query}`
  }

  #put(index: number, answer: string): void {
    this.#answers[index] = this.#room.take(answer.length) ? answer : formatRefusal(noRoom)
  }

  #answerCached(readPath: ReadPath, { index, call, path }: FilesRead): boolean {
    const cached = readPath.cached({ call, caller: this.#parts.caller }, path)
    if (cached === undefined) return false
    // Formatting copies the body, so it is left out once there is no room.
    if (this.#room.isFull) this.#answers[index] = formatRefusal(noRoom)
    else this.#put(index, formatCached(cached))
    return true
  }

  /** Some reads at a time; the object answers what files cannot. */
  async #readFiles(readPath: ReadPath, reads: readonly FilesRead[]): Promise<void> {
    const left: number[] = []
    const waiting = [...reads]
    const work = async (): Promise<void> => {
      for (let read = waiting.shift(); read !== undefined; read = waiting.shift()) {
        const answer = this.#room.isFull ? formatRefusal(noRoom) : await this.#readFile(readPath, read)
        if (answer === undefined) left.push(read.index)
        else this.#put(read.index, answer)
      }
    }
    await Promise.all(Array.from({ length: filesAtOnceMax }, work))
    await this.#askObject(left)
  }

  async #readFile(readPath: ReadPath, { call, path }: FilesRead): Promise<string | undefined> {
    const { caller, waitUntil } = this.#parts
    try {
      const answer = await readPath.answer({ call, caller }, { path, waitUntil })
      if (answer === undefined) return undefined
      return answer.ok ? formatAnswer(answer) : formatRefusal(answer.error, answer.bookmark)
    } catch (error) {
      return formatFault(error, { env: this.#parts.env, request: 'rpc', tenant: caller.tenant })
    }
  }

  async #askObject(indexes: readonly number[]): Promise<void> {
    if (indexes.length === 0) return
    const { env, caller } = this.#parts
    const calls = indexes.flatMap((index) => this.#calls[index] ?? []).map((call) => withIndexes(call, indexes))
    try {
      const answers = await tenantsOf(env).ask({ caller, calls })
      let wrote: Bookmark | undefined
      for (const [at, index] of indexes.entries()) {
        const text = answers[at] ?? ''
        const refusal = refusalIn(text)
        this.#answers[index] = refusal === undefined ? text : formatRefusal(refusal.error, refusal.bookmark)
        if (calls[at]?.kind !== 'write') continue
        const bookmark = parseBookmark(refusal?.bookmark ?? bookmarkInText(text))
        if (bookmark !== undefined) wrote = newerBookmark(wrote, bookmark)
      }
      if (wrote !== undefined) readPathOf(env)?.wrote(caller.tenant, formatBookmark(wrote))
    } catch (error) {
      const fault = await formatFault(error, { env, request: 'rpc', tenant: caller.tenant })
      for (const index of indexes) this.#answers[index] = fault
    }
  }
}

/** References as indexes among the calls that the object is sent, which include every call that is referred to. */
function withIndexes(call: Call, indexes: readonly number[]): Call {
  if (call.references === undefined) return call
  return { ...call, references: call.references.map((one) => ({ ...one, call: indexes.indexOf(one.call) })) }
}

const decoder = new TextDecoder()

function formatCached({ cached, bookmark }: CachedRead): string {
  const { version, body } = cached
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

/** Anything that was thrown: a caller's mistake or a fault of ours. */
export async function formatFault(
  error: unknown,
  { env, ...place }: ErrorPlace & { readonly env: Pick<Env, 'LAKE_SYNC'> },
): Promise<string> {
  const { data, log } = await errorToData(error, env)
  const problem = problemOf(data)
  if (log) console.error(formatInternalError(error, { requestId: problem.requestId, ...place }))
  return `${JSON.stringify({ ok: false, problem })}\n`
}
