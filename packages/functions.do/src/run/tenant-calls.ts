// The calls that the code of one run makes. They are answered as the calls of an RPC message are, for the same caller, up
// to a limit, and not after the run has ended.

import type { ServiceRequest } from '@dotdo/service'
import { type Call, ObjectError } from 'digital-objects'
import { callsPerRunMax } from '../sandbox/sandbox.ts'

export interface TenantCallsOptions extends Pick<ServiceRequest, 'answerMessage'> {
  /** The start of the keys of writes, if the sender of the code may send it again. */
  readonly keyBase: string | undefined
}

export class TenantCalls {
  readonly #options: TenantCallsOptions
  readonly #keys = new Map<string, string>()
  #made = 0
  #isOpen = true

  constructor(options: TenantCallsOptions) {
    this.#options = options
  }

  /** Takes one message as text. Answers each call, or refuses the whole message once. */
  readonly send = (text: string): Promise<readonly string[]> =>
    this.#options.answerMessage(text, (calls) => this.#admit(calls))

  /** Refuses every later call: the code may still be running. */
  close(): void {
    this.#isOpen = false
  }

  #admit(calls: readonly Call[]): readonly Call[] {
    if (!this.#isOpen) throw new ObjectError({ code: 'timeout', field: 'code', message: 'the run has ended' })
    this.#made += calls.length
    if (this.#made > callsPerRunMax) {
      const message = `a run makes at most ${callsPerRunMax} calls`
      throw new ObjectError({ code: 'code_failed', field: 'code', message })
    }
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
    const key = this.#keys.get(made) ?? `${keyBase}.${this.#keys.size}`
    this.#keys.set(made, key)
    return { ...call, idempotencyKey: key + (call.idempotencyKey ?? '').slice(made.length) }
  }
}
