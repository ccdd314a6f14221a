// What the code of one run calls: answered as the calls of a message are, for the same actor, up to a limit, and not after
// the run has ended.

import { type Call, ObjectError, type ObjectErrorData } from 'digital-objects'
import { answerMessage, formatRefusal, type MessageParts } from '../rpc/answer-message.ts'
import { parseMessage } from '../rpc/parse-message.ts'
import { callsPerRunMax } from 'functions.do'

export class TenantCalls {
  readonly #parts: MessageParts
  /** What the keys of writes begin with, where whoever sent the code may send it again. */
  readonly #keyBase: string | undefined
  readonly #keys = new Map<string, string>()
  #made = 0
  #isOpen = true

  constructor(parts: MessageParts, keyBase: string | undefined) {
    this.#parts = parts
    this.#keyBase = keyBase
  }

  /** Takes one message as text. An answer for each call, or one refusal of all. */
  readonly send = async (text: string): Promise<readonly string[]> => {
    if (!this.#isOpen) return [formatRefusal(ended)]
    try {
      const { calls, bookmark } = parseMessage(text)
      this.#made += calls.length
      if (this.#made > callsPerRunMax) return [formatRefusal(tooMany)]
      const caller = { ...this.#parts.caller, ...(bookmark === undefined ? {} : { bookmark }) }
      return await answerMessage(
        { ...this.#parts, caller },
        calls.map((call) => this.#withKey(call)),
      )
    } catch (error) {
      if (error instanceof ObjectError) return [formatRefusal(error.toData())]
      throw error
    }
  }

  /** From now on nothing is done for the code, which may still be at work. */
  close(): void {
    this.#isOpen = false
  }

  /**
   * The client makes a key for each write, and sends it with the same key again. They are random, so for code that may
   * be run again each gets the number of its turn instead. A key that the code gave itself is left as it is.
   */
  #withKey(call: Call): Call {
    if (call.kind !== 'write' || this.#keyBase === undefined) return call
    const [made = ''] = /^sdk-[0-9a-f]{32}/.exec(call.idempotencyKey ?? '') ?? []
    if (made === '') return call
    const key = this.#keys.get(made) ?? `${this.#keyBase}.${this.#keys.size}`
    this.#keys.set(made, key)
    return { ...call, idempotencyKey: key + (call.idempotencyKey ?? '').slice(made.length) }
  }
}

const ended: ObjectErrorData = { code: 'timeout', field: 'code', message: 'the run has ended' }
const tooMany: ObjectErrorData = {
  code: 'code_failed',
  field: 'code',
  message: `a run makes at most ${callsPerRunMax} calls`,
}
