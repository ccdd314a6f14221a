// Answers the calls of one message. They start in order, but each waits for the calls whose results it uses, so that a
// chain of dependent calls costs the client one round trip.

import { nextTask } from '@dotdo/do'
import type { Call } from 'digital-objects'
import type { Answer } from '../answers/answer.ts'
import { AnswerRoom, noRoom, noRoomForWrite } from '../answers/answer-room.ts'
import { putReferred } from './put-referred.ts'

/** Returns answers in the order of the calls. References must point to earlier calls. */
export async function answerCalls(
  calls: readonly Call[],
  answer: (call: Call) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const [only] = calls
  // Nothing precedes it, and the first answer always has room.
  if (only !== undefined && calls.length === 1) return [await answer(only)]
  const answers: Promise<Answer>[] = []
  const room = new AnswerRoom()
  const reads = new Reads(answer, room)
  for (const call of calls) answers.push(answerInTurn(call, { calls, earlier: [...answers], answer, reads, room }))
  return Promise.all(answers)
}

/** Runs the reads of a message one after another, so that none starts once the answers are too large in total. */
class Reads {
  readonly #answer: (call: Call) => Promise<Answer>
  readonly #room: AnswerRoom
  #last: Promise<Answer> | undefined
  #hasPiped = false
  #bookmark = ''

  constructor(answer: (call: Call) => Promise<Answer>, room: AnswerRoom) {
    this.#answer = answer
    this.#room = room
  }

  /** The newest read, which may not have started. */
  get last(): Promise<unknown> | undefined {
    return this.#last
  }

  answer(call: Call): Promise<Answer> {
    // The first read starts immediately.
    const before = this.#last
    this.#last = before === undefined ? this.#read(call) : before.then(() => this.#read(call))
    return this.#last
  }

  async #read(call: Call): Promise<Answer> {
    if (this.#room.isFull) return this.#leftOver()
    // Yield between two pipelines, which may take long, so that other requests to the object can run.
    if (call.kind === 'pipeline' && this.#hasPiped) await nextTask()
    this.#hasPiped ||= call.kind === 'pipeline'
    const answer = await this.#answer(call)
    this.#bookmark = answer.bookmark
    return answer.ok && !this.#room.take(answer.body.length) ? this.#leftOver() : answer
  }

  #leftOver(): Answer {
    return { ok: false, error: noRoom, bookmark: this.#bookmark }
  }
}

async function answerInTurn(
  call: Call,
  batch: {
    readonly calls: readonly Call[]
    readonly earlier: readonly Promise<Answer>[]
    readonly answer: (call: Call) => Promise<Answer>
    readonly reads: Reads
    readonly room: AnswerRoom
  },
): Promise<Answer> {
  const { references = [], ...own } = call
  let resolved: Call = own
  for (const reference of references) {
    const referred = await batch.earlier[reference.call]
    if (referred === undefined) throw new Error('references are checked when the message is parsed')
    const put = putReferred(resolved, reference, { call: batch.calls[reference.call], answer: referred })
    if ('ok' in put) return put
    resolved = put
  }
  if (call.kind === 'read' || call.kind === 'pipeline') return batch.reads.answer(resolved)
  // A write waits for earlier reads, so that they do not see its result.
  if (references.length === 0 && batch.reads.last !== undefined) await batch.reads.last
  const answer = await batch.answer(resolved)
  const hasRoom = !answer.ok || call.isSilent === true || batch.room.take(answer.body.length)
  return hasRoom ? answer : { ok: false, error: noRoomForWrite, bookmark: answer.bookmark }
}
