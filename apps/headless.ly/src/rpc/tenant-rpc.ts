// What a capnweb session with a tenant can call: one method, which takes the calls of a message and gives their answers.
// One call for many, since each call of capnweb's own costs more than answering it, and since who refers to whom has to
// be known to the object that answers.

import { RpcTarget } from 'capnweb'
import { ObjectError, type Via } from 'digital-objects'
import { parseCalls } from 'objects.do'
import { answerMessage, formatFault, formatRefusal, type MessageParts } from './answer-message.ts'

/** Messages of one session that are being answered. */
const sendingMax = 64
const vias: readonly Via[] = ['sdk', 'cli']

export class TenantRpc extends RpcTarget {
  readonly #parts: MessageParts
  #sending = 0

  constructor(parts: MessageParts) {
    super()
    this.#parts = parts
  }

  /**
   * `{ calls, bookmark?, via? }`: calls are those of `digital-objects/src/remote-call.ts`, the bookmark is the newest
   * that the client has seen, `via` is `sdk` unless it says `cli`. An answer for each call; one refusal where the
   * message cannot be read.
   */
  async send(message: unknown): Promise<readonly string[]> {
    if (this.#sending >= sendingMax) {
      const text = `a session is answered ${sendingMax} messages at a time`
      return [formatRefusal({ code: 'overloaded', message: text })]
    }
    this.#sending++
    try {
      const { calls, bookmark, via } = parseMessage(message)
      const caller = { ...this.#parts.caller, via, ...(bookmark === undefined ? {} : { bookmark }) }
      return await answerMessage({ ...this.#parts, caller }, parseCalls(calls))
    } catch (error) {
      return [formatFault(error)]
    } finally {
      this.#sending--
    }
  }
}

function parseMessage(message: unknown): {
  readonly calls: unknown
  readonly bookmark: string | undefined
  readonly via: Via
} {
  if (typeof message !== 'object' || message === null) throw wrong('calls', 'expected { calls }')
  const { calls, bookmark, via = 'sdk' } = message as Readonly<Record<string, unknown>>
  if (bookmark !== undefined && typeof bookmark !== 'string') throw wrong('bookmark', 'bookmark expects a text')
  const known = vias.find((one) => one === via)
  if (known === undefined) throw wrong('via', `via expects ${vias.join(' or ')}`)
  return { calls, bookmark, via: known }
}

function wrong(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message })
}
