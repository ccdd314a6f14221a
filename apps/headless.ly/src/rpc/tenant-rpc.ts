// The main object of a session with a tenant. It has one method for many calls, because a call of capnweb's own costs more
// than answering one, and because the object that answers must know which call refers to which.

import { RpcTarget } from 'capnweb'
import { answerMessage, formatFault, formatRefusal, type MessageParts } from './answer-message.ts'
import { parseMessage } from './parse-message.ts'

/** Messages of one session that are answered at the same time. */
const sendingMax = 64

export class TenantRpc extends RpcTarget {
  readonly #parts: MessageParts
  #sending = 0

  constructor(parts: MessageParts) {
    super()
    this.#parts = parts
  }

  /** An answer for each call of the message, or one refusal of all of it. Never rejects. */
  async send(text: unknown): Promise<readonly string[]> {
    if (this.#sending >= sendingMax) {
      const message = `a session is answered ${sendingMax} messages at a time`
      return [formatRefusal({ code: 'overloaded', message })]
    }
    this.#sending++
    try {
      const { calls, bookmark, via = 'sdk' } = parseMessage(text)
      const caller = { ...this.#parts.caller, via, ...(bookmark === undefined ? {} : { bookmark }) }
      return await answerMessage({ ...this.#parts, caller }, calls)
    } catch (error) {
      return [formatFault(error, { request: 'rpc', tenant: this.#parts.caller.tenant })]
    } finally {
      this.#sending--
    }
  }
}
