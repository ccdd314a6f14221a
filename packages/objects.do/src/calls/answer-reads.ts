// Answers a message of calls that may only read, for code that sees a state and cannot change it.

import type { HandlerRead } from '@dotdo/do'
import { isObject, type JsonValue, messageCharactersMax, ObjectError, parseJson } from 'digital-objects'
import type { Answer } from '../answers/answer.ts'
import { problemOf } from '../answers/problem.ts'
import { answerCalls } from './answer-calls.ts'
import { parseCalls } from './parse-calls.ts'

/** Returns a string for each call, as RPC does. A refusal of the whole message is one string. */
export async function answerReads(
  text: string,
  { read, bookmark }: { readonly read: (call: HandlerRead) => Promise<JsonValue>; readonly bookmark: string },
): Promise<readonly string[]> {
  const refused = (error: ObjectError): Answer => ({ ok: false, error: error.toData(), bookmark })
  try {
    const answers = await answerCalls(callsIn(text), async (call) => {
      if (call.kind !== 'read' && call.kind !== 'pipeline') return refused(noWrite)
      try {
        return { ok: true, body: JSON.stringify(await read(call)), bookmark, source: 'object' }
      } catch (error) {
        if (error instanceof ObjectError) return refused(error)
        throw error
      }
    })
    return answers.map(formatForClient)
  } catch (error) {
    if (error instanceof ObjectError) return [formatForClient(refused(error))]
    throw error
  }
}

const noWrite = new ObjectError({
  code: 'forbidden',
  field: 'code',
  message: 'a function before a verb cannot write: it returns fields to change, or throws to refuse',
})

/** Parses a message of code that runs beside the server. Throws an ObjectError. */
export function callsIn(text: string): ReturnType<typeof parseCalls> {
  if (text.length > messageCharactersMax)
    throw new ObjectError({ code: 'payload_too_large', field: 'body', message: 'the message is too long' })
  const message = parseJson(text, () => invalid())
  if (!isObject(message)) throw invalid()
  return parseCalls(message['calls'])
}

function invalid(): ObjectError {
  return new ObjectError({ code: 'invalid_body', field: 'body', message: 'a message expects { calls }' })
}

/** As clients get answers: a refusal is a problem document. */
export function formatForClient(answer: Answer): string {
  const { bookmark } = answer
  if (!answer.ok) return `${JSON.stringify({ ok: false, bookmark, problem: problemOf(answer.error) })}\n`
  const { body, ...head } = answer
  return `${JSON.stringify(head)}\n${body}`
}
