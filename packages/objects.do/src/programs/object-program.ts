// A program that runs in the tenant's object itself, for a service.

import type { Committed, ProgramEnd, ProgramKey, ProgramOutcome, Rehearsed, ServiceProgram } from '@dotdo/service'
import { type Call, ObjectError } from 'digital-objects'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'
import { programEndIn, type ProgramStep } from '../answers/program-step.ts'
import { callsIn, formatForClient } from '../calls/answer-reads.ts'
import type { Programs } from './programs.ts'

export class ObjectProgram implements ServiceProgram {
  readonly ended: Promise<ProgramEnd>
  readonly #id = crypto.randomUUID()
  readonly #programs: Programs
  readonly #caller: Caller
  readonly #end: (end: ProgramEnd) => void
  #isOpen = false

  constructor(programs: Programs, caller: Caller) {
    this.#programs = programs
    this.#caller = caller
    const { promise, resolve } = Promise.withResolvers<ProgramEnd>()
    this.ended = promise
    this.#end = resolve
  }

  readonly answerMessage: ServiceProgram['answerMessage'] = async (text, admit) => {
    try {
      const calls = admit(callsIn(text))
      const step = { kind: 'calls', id: this.#id, isFirst: !this.#isOpen } as const
      this.#isOpen = true
      const answers = await this.#take(step, calls)
      return answers.map((answer, at) => this.#format(answer, calls[at]))
    } catch (error) {
      if (error instanceof ObjectError) return [formatForClient({ ok: false, error: error.toData(), bookmark: '' })]
      throw error
    }
  }

  readonly commit = async (key: ProgramKey, answer: string): Promise<ProgramOutcome<Committed>> => {
    if (!this.#isOpen) return { kind: 'done', result: { answer, bookmark: undefined } }
    const [answered] = await this.#take({ kind: 'commit', id: this.#id, key, answer })
    if (answered?.ok !== true) return endedBy(answered)
    const { body, bookmark, commit } = answered
    return { kind: 'done', result: { answer: body, bookmark, ...(commit === undefined ? {} : { commit }) } }
  }

  readonly rehearse = async (answer: string): Promise<ProgramOutcome<Rehearsed>> => {
    if (!this.#isOpen) return { kind: 'done', result: { body: '{"events":[],"plan":null}' } }
    const [answered] = await this.#take({ kind: 'rehearse', id: this.#id, answer })
    this.close()
    return answered?.ok === true ? { kind: 'done', result: { body: answered.body } } : endedBy(answered)
  }

  readonly close = (): void => {
    if (this.#isOpen) void this.#take({ kind: 'close', id: this.#id })
  }

  #take(step: ProgramStep, calls: readonly Call[] = []): Promise<readonly Answer[]> {
    return this.#programs.answer(step, { caller: this.#caller, calls, mayBegin: true })
  }

  /** A refusal may be the end of the program. */
  #format(answer: Answer, call: Call | undefined): string {
    if (answer.ok) return call?.isSilent === true ? '' : formatForClient(answer)
    const end = programEndIn(answer.error)
    if (end === undefined) return formatForClient(answer)
    this.#end({ error: end.error, mayRunAgain: end.fate === 'again' })
    return formatForClient({ ...answer, error: end.error })
  }
}

function endedBy(answer: Answer | undefined): { readonly kind: 'ended'; readonly end: ProgramEnd } {
  if (answer === undefined || answer.ok) throw new Error('a step of a program has one answer')
  const end = programEndIn(answer.error)
  return {
    kind: 'ended',
    end: { error: end?.error ?? answer.error, mayRunAgain: end?.fate === 'again' },
  }
}
