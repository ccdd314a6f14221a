// The calls of one attempt to run code. They are answered as the calls of an RPC message are, for the same caller, up to
// a limit, and not after the run has ended.

import type { ServiceRequest } from '@dotdo/service'
import { type Call, ObjectError, type ObjectErrorData } from 'digital-objects'
import { callsPerRunMax, type RunCalls } from '../sandbox/sandbox.ts'

export interface TenantCallsOptions extends Pick<ServiceRequest, 'answerMessage'> {
  /** The start of the keys of writes, if the sender of the code may send it again. */
  readonly keyBase: string | undefined
  /** True if nothing that the run writes stays unless it ends well. By default, it stays. */
  readonly isRepeatable?: boolean
  /** Resolves if the attempt must end for a reason of its own. */
  readonly ending?: Promise<ObjectErrorData>
}

/** Messages beyond `callsPerRunMax` that code may send while it handles the refusal. */
const refusedMessagesMax = 10

const tooManyCalls: ObjectErrorData = {
  code: 'code_failed',
  field: 'code',
  message: `a run makes at most ${callsPerRunMax} calls`,
}

export class TenantCalls implements RunCalls {
  readonly ended: Promise<ObjectErrorData>
  readonly #options: TenantCallsOptions
  readonly #keys = new Map<string, string>()
  readonly #end: (error: ObjectErrorData) => void
  #messages = 0
  #made = 0
  #hasWritten = false
  #isOpen = true

  constructor(options: TenantCallsOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<ObjectErrorData>()
    this.ended = promise
    this.#end = resolve
    void options.ending?.then(resolve)
  }

  /** Takes one message as text. Answers each call, or refuses the whole message once. */
  readonly send = (text: string): Promise<readonly string[]> => {
    this.#messages++
    // Code that catches refusals and calls again would otherwise keep the server busy until its deadline.
    if (this.#messages > callsPerRunMax + refusedMessagesMax) this.#end(tooManyCalls)
    return this.#options.answerMessage(text, (calls) => this.#admit(calls))
  }

  /** The keys of a repeated request make its writes repeatable too. */
  readonly isRepeatable = (): boolean => {
    const { isRepeatable = false, keyBase } = this.#options
    return isRepeatable || !this.#hasWritten || keyBase !== undefined
  }

  readonly close = (): void => {
    this.#isOpen = false
  }

  #admit(calls: readonly Call[]): readonly Call[] {
    if (!this.#isOpen) throw new ObjectError({ code: 'timeout', field: 'code', message: 'the run has ended' })
    this.#made += calls.length
    if (this.#made > callsPerRunMax) throw new ObjectError(tooManyCalls)
    this.#hasWritten ||= calls.some(({ kind }) => kind !== 'read' && kind !== 'pipeline')
    return calls.map((call) => this.#withKey(call))
  }

  /**
   * The client makes a random key for each write and repeats it when it retries. Code that may itself be sent again gets
   * the write's number instead, so that its second run repeats the keys of the first. A key of the code's own stays.
   */
  #withKey(call: Call): Call {
    const { keyBase } = this.#options
    if (call.kind !== 'write' || keyBase === undefined) return call
    const [made = ''] = /^sdk-[0-9a-f]{32}/.exec(call.idempotencyKey ?? '') ?? []
    if (made === '') return call
    const key = this.#keys.get(made) ?? writeKey(keyBase, this.#keys.size)
    this.#keys.set(made, key)
    return { ...call, idempotencyKey: key + (call.idempotencyKey ?? '').slice(made.length) }
  }
}

/** The key of a write by its number, in a run that may be repeated. */
export function writeKey(keyBase: string, number: number): string {
  return `${keyBase}.${number}`
}
