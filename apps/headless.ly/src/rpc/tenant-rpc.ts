// The main object of a session with a tenant. It has one method for many calls, because a call of capnweb's own costs more
// than answering one, and because the object that answers must know which call refers to which.

import { RpcTarget } from 'capnweb'
import type { ObjectErrorData } from 'digital-objects'
import { bodyRoomOf } from '../base/body-room.ts'
import type { Visit } from '../base/visit.ts'
import { endOfRequest } from '../identity/rate-limits.ts'
import { answerMessage, formatFault, formatRefusal, type MessageParts } from './answer-message.ts'
import { parseMessage } from './parse-message.ts'
import type { UnreadAnswers } from './unread-answers.ts'

/** Messages of one session that are answered at the same time. */
const sendingMax = 64

const unread: ObjectErrorData = {
  code: 'overloaded',
  message: 'the session holds too many answers that its client has not released; send the message again',
}

export class TenantRpc extends RpcTarget {
  readonly #parts: MessageParts
  readonly #renewed: Visit['renewed']
  readonly #unread: UnreadAnswers | undefined
  #sending = 0

  /** `unread` are the answers of a session; a single message, over HTTP, has none. */
  constructor({ renewed, ...parts }: MessageParts & Pick<Visit, 'renewed'>, unread?: UnreadAnswers) {
    super()
    this.#parts = parts
    this.#renewed = renewed
    this.#unread = unread
  }

  /** An answer for each call of the message, or one refusal of all of it. Never rejects. */
  async send(text: unknown): Promise<readonly string[]> {
    if (this.#sending >= sendingMax) {
      const message = `a session is answered ${sendingMax} messages at a time`
      return [formatRefusal({ code: 'overloaded', message })]
    }
    this.#sending++
    // A message over HTTP is counted with its request.
    const counted = this.#unread === undefined ? undefined : {}
    try {
      const { calls, bookmark, via = 'sdk' } = parseMessage(text)
      // A session outlives the verdict on its key.
      const caller = { ...(await this.#renewed(counted)), via, ...(bookmark === undefined ? {} : { bookmark }) }
      const answer = (): Promise<readonly string[]> => answerMessage({ ...this.#parts, caller }, calls)
      if (this.#unread === undefined) return await answer()
      const isRepeatable = calls.every(({ kind }) => kind !== 'write')
      const length = typeof text === 'string' ? text.length : 0
      const hold = (): ReturnType<typeof answer> => bodyRoomOf(this.#parts.env).hold(caller.tenant, length, answer)
      return (await this.#unread.make(hold, { isRepeatable })) ?? [formatRefusal(unread)]
    } catch (error) {
      const { env, caller } = this.#parts
      return [await formatFault(error, { env, request: 'rpc', tenant: caller.tenant })]
    } finally {
      if (counted !== undefined) endOfRequest(counted)
      this.#sending--
    }
  }
}
