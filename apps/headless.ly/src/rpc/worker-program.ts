// The Worker's end of a program: sends its messages to the tenant's object, which keeps it. Reads of a program never use files.

import type { Committed, ProgramEnd, ProgramKey, ProgramOutcome, Rehearsed, ServiceProgram } from '@dotdo/service'
import { type Call, ObjectError, type ObjectErrorData } from 'digital-objects'
import {
  type Answered,
  type Caller,
  type FoundRun,
  parseAnswer,
  programEndIn,
  type ProgramStep,
  refusalIn,
} from 'objects.do'
import { errorToData } from '../base/error-to-data.ts'
import { readPathOf } from '../read/read-path-of.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'
import { formatFault, formatRefusal, type MessageParts } from './answer-message.ts'

/** Attempts to send a commit whose answer was lost. Its key makes that safe. */
const sendsMax = 3

/** Parses a message. Throws an ObjectError. */
export type ParseProgramMessage = (text: string) => { readonly calls: readonly Call[]; readonly caller: Caller }

export class WorkerProgram implements ServiceProgram {
  readonly ended: Promise<ProgramEnd>
  readonly #id = crypto.randomUUID()
  readonly #parts: MessageParts
  readonly #parse: ParseProgramMessage
  readonly #end: (end: ProgramEnd) => void
  #isOpen = false

  constructor(parts: MessageParts, parse: ParseProgramMessage) {
    this.#parts = parts
    this.#parse = parse
    const { promise, resolve } = Promise.withResolvers<ProgramEnd>()
    this.ended = promise
    this.#end = resolve
  }

  readonly answerMessage: ServiceProgram['answerMessage'] = async (text, admit) => {
    try {
      const { calls, caller } = this.#parse(text)
      const admitted = admit(calls)
      const step = { kind: 'calls', id: this.#id, isFirst: !this.#isOpen } as const
      this.#isOpen = true
      return await this.#ask(step, { caller, calls: admitted })
    } catch (error) {
      if (error instanceof ObjectError) return [formatRefusal(error.toData())]
      throw error
    }
  }

  readonly commit = async (key: ProgramKey, answer: string): Promise<ProgramOutcome<Committed>> => {
    if (!this.#isOpen) return { kind: 'done', result: { answer, bookmark: undefined } }
    const answered = await this.#askSafely({ kind: 'commit', id: this.#id, key, answer })
    if ('end' in answered) return { kind: 'ended', end: answered.end }
    const { body, bookmark, commit } = answered.answer
    const { env, caller } = this.#parts
    readPathOf(env)?.wrote(caller.tenant, bookmark)
    return { kind: 'done', result: { answer: body, bookmark, ...(commit === undefined ? {} : { commit }) } }
  }

  readonly rehearse = async (answer: string): Promise<ProgramOutcome<Rehearsed>> => {
    if (!this.#isOpen) return { kind: 'done', result: { body: '{"events":[],"plan":null}' } }
    const answered = await this.#askSafely({ kind: 'rehearse', id: this.#id, answer })
    this.close()
    if ('end' in answered) return { kind: 'ended', end: answered.end }
    return { kind: 'done', result: { body: answered.answer.body } }
  }

  readonly close = (): void => {
    if (!this.#isOpen) return
    const { env, caller, waitUntil } = this.#parts
    const step: ProgramStep = { kind: 'close', id: this.#id }
    // The object forgets it by itself, a little later.
    waitUntil(
      tenantsOf(env)
        .ask({ caller, calls: [], program: step })
        .catch(() => {}),
    )
  }

  /** Sends calls, and ends the program if the object does, or cannot be reached. */
  async #ask(
    program: ProgramStep,
    { caller, calls }: { readonly caller: Caller; readonly calls: readonly Call[] },
  ): Promise<readonly string[]> {
    const { env } = this.#parts
    try {
      const answers = await tenantsOf(env).ask({ caller, calls, program })
      return answers.map((text) => {
        const refusal = refusalIn(text)
        if (refusal === undefined) return text
        const { error, end } = toEnd(refusal.error)
        if (end !== undefined) this.#end(end)
        return formatRefusal(error, refusal.bookmark)
      })
    } catch (error) {
      const { data } = await errorToData(error, env)
      const fault = await formatFault(error, { env, request: 'do', tenant: caller.tenant })
      this.#end({ error: data, mayRunAgain: !(error instanceof ObjectError) })
      return calls.map(() => fault)
    }
  }

  /** Sends a step without calls, again if its answer was lost. */
  async #askSafely(program: ProgramStep): Promise<{ readonly answer: Answered } | { readonly end: ProgramEnd }> {
    const { env, caller } = this.#parts
    for (let sends = 1; ; sends++) {
      try {
        const [text = ''] = await tenantsOf(env).ask({ caller, calls: [], program })
        const answer = parseAnswer(text)
        if (answer.ok) return { answer }
        const { error, end } = toEnd(answer.error)
        return { end: end ?? { error, mayRunAgain: false } }
      } catch (error) {
        if (error instanceof ObjectError) return { end: { error: error.toData(), mayRunAgain: false } }
        if (sends === sendsMax) throw error
      }
    }
  }
}

/** Returns what an earlier run of the request has left under its keys. */
export async function findRun(
  { env, caller }: MessageParts,
  of: { readonly key: ProgramKey; readonly firstWriteKey: string },
): Promise<FoundRun & { readonly bookmark: string }> {
  const [text = ''] = await tenantsOf(env).ask({ caller, calls: [], program: { kind: 'find', ...of } })
  const answer = parseAnswer(text)
  if (!answer.ok) throw new ObjectError(answer.error)
  return { ...(JSON.parse(answer.body) as FoundRun), bookmark: answer.bookmark } // made by the tenant's object
}

function toEnd(data: ObjectErrorData): { readonly error: ObjectErrorData; readonly end?: ProgramEnd } {
  const end = programEndIn(data)
  if (end === undefined) return { error: data }
  return { error: end.error, end: { error: end.error, mayRunAgain: end.fate === 'again' } }
}
