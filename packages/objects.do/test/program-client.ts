// A program's side of its messages to a tenant's object, for tests.

import type { Call, JsonValue, ObjectErrorData } from 'digital-objects'
import { type Answer, type AnswersCalls, askTenant, type Caller, parseAnswer } from 'objects.do'
import { programEndIn, type ProgramFate, type ProgramStep } from '../src/answers/program-step.ts'

/** Thrown when the program cannot continue. */
export class ProgramEnded extends Error {
  readonly error: ObjectErrorData
  readonly fate: ProgramFate

  constructor(error: ObjectErrorData, fate: ProgramFate) {
    super(error.message)
    this.error = error
    this.fate = fate
  }
}

export interface Rehearsed {
  readonly events: readonly Readonly<Record<string, JsonValue>>[]
  readonly plan: string | null
}

export class ProgramClient {
  readonly id = crypto.randomUUID()
  readonly #stub: AnswersCalls
  readonly #caller: Caller
  #messages = 0

  constructor(stub: AnswersCalls, caller: Caller) {
    this.#stub = stub
    this.#caller = caller
  }

  async ask(...calls: readonly Call[]): Promise<readonly Answer[]> {
    return this.#send({ kind: 'calls', id: this.id, isFirst: this.#messages++ === 0 }, calls)
  }

  /** Asks one call and returns the parsed body, or undefined for an empty one. Throws a refusal's code. */
  async one(call: Call): Promise<JsonValue | undefined> {
    const [answer] = await this.ask(call)
    if (answer?.ok !== true) throw new Error(answer?.error.code)
    return answer.body === '' ? undefined : (JSON.parse(answer.body) as JsonValue)
  }

  async commit(key: string = crypto.randomUUID(), answer = 'done'): Promise<Extract<Answer, { ok: true }>> {
    const [only] = await this.#send({ kind: 'commit', id: this.id, key: { key, request: 'r' }, answer })
    if (only?.ok !== true) throw new Error(only?.error.message)
    return only
  }

  async rehearse(answer = 'null'): Promise<Rehearsed> {
    const [only] = await this.#send({ kind: 'rehearse', id: this.id, answer })
    if (only?.ok !== true) throw new Error(only?.error.message)
    return JSON.parse(only.body) as Rehearsed
  }

  async #send(program: ProgramStep, calls: readonly Call[] = []): Promise<readonly Answer[]> {
    const texts = (await askTenant(this.#stub, { caller: this.#caller, calls, program })) ?? []
    const answers = texts.map(parseAnswer)
    for (const answer of answers) {
      const end = answer.ok ? undefined : programEndIn(answer.error)
      if (end !== undefined) throw new ProgramEnded(end.error, end.fate)
    }
    return answers
  }
}
