// The main object of a session with a tenant. It has one method for many calls, because a call of capnweb's own costs more
// than answering one, and because the object that answers must know which call refers to which.

import { RpcTarget } from 'capnweb'
import type { BodyRoom } from '../base/body-room.ts'
import { answerMessage, formatFault, formatRefusal, type MessageParts } from './answer-message.ts'
import { parseMessage } from './parse-message.ts'

/** Messages of one session that are answered at the same time. */
const sendingMax = 64

export class TenantRpc extends RpcTarget {
  readonly #parts: MessageParts
  /** The room for messages that come without the check of a request's body. */
  readonly #room: BodyRoom | undefined
  #sending = 0

  constructor(parts: MessageParts, room?: BodyRoom) {
    super()
    this.#parts = parts
    this.#room = room
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
      const answer = (): Promise<readonly string[]> => answerMessage({ ...this.#parts, caller }, calls)
      const length = typeof text === 'string' ? text.length : 0
      return await (this.#room === undefined ? answer() : this.#room.hold(caller.tenant, length, answer))
    } catch (error) {
      return [formatFault(error, { request: 'rpc', tenant: this.#parts.caller.tenant })]
    } finally {
      this.#sending--
    }
  }
}
