// A message of calls as text: the same over HTTP, over a WebSocket and out of the sandbox.

import { type Call, isObject, messageCharactersMax, ObjectError, parseJson, type Via } from 'digital-objects'
import { parseCalls } from 'objects.do'

export interface Message {
  readonly calls: readonly Call[]
  /** The newest bookmark that the client has seen. */
  readonly bookmark: string | undefined
  /** Undefined if the message does not say. */
  readonly via: Via | undefined
}

const vias: readonly Via[] = ['sdk', 'cli']

/** `{ calls, bookmark?, via? }`. Throws an ObjectError that names the field. */
export function parseMessage(text: unknown): Message {
  if (typeof text !== 'string') throw invalid('body', 'a message is JSON text')
  if (text.length > messageCharactersMax) {
    const message = `a message holds at most ${messageCharactersMax} characters`
    throw new ObjectError({ code: 'payload_too_large', field: 'body', message })
  }
  const message = parseJson(text, () => invalid('body', 'a message expects JSON'))
  if (!isObject(message)) throw invalid('body', 'a message expects { calls }')
  const { calls, bookmark, via } = message
  if (bookmark !== undefined && typeof bookmark !== 'string') throw invalid('bookmark', 'bookmark expects a string')
  const known = vias.find((one) => one === via)
  if (via !== undefined && known === undefined) throw invalid('via', `via expects ${vias.join(' or ')}`)
  return { calls: parseCalls(calls), bookmark, via: known }
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message })
}
