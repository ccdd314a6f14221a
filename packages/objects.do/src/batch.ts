// Calls that came in one message, answered together: each begins in its turn, except that it waits for those whose
// results it uses. So a chain of calls costs its client one round trip.

import { nextTask } from '@dotdo/do'
import { ObjectError, referredPart, type Reference, type RemoteCall, withReferred } from 'digital-objects'
import { AnswerRoom, noRoom } from './answer-room.ts'
import type { Answer } from './call.ts'

/** Answers in the order of the calls, whose references point backwards. */
export function answerBatch(
  calls: readonly RemoteCall[],
  answer: (call: RemoteCall) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Promise<Answer>[] = []
  const reads = new Reads(answer)
  for (const call of calls) answers.push(answerInTurn(call, { calls, earlier: [...answers], answer, reads }))
  return Promise.all(answers)
}

/** Those of a message, one after the other: what is too much is known before the next begins. */
class Reads {
  readonly #answer: (call: RemoteCall) => Promise<Answer>
  readonly #room = new AnswerRoom()
  #last: Promise<Answer> | undefined
  #hasPiped = false
  #bookmark = ''

  constructor(answer: (call: RemoteCall) => Promise<Answer>) {
    this.#answer = answer
  }

  /** The last that has begun, or waits for its turn. */
  get last(): Promise<unknown> | undefined {
    return this.#last
  }

  answer(call: RemoteCall): Promise<Answer> {
    // The first begins at once.
    const before = this.#last
    this.#last = before === undefined ? this.#read(call) : before.then(() => this.#read(call))
    return this.#last
  }

  async #read(call: RemoteCall): Promise<Answer> {
    if (this.#room.isFull) return this.#leftOver()
    // Whoever else asks the object gets a turn between two calls that may take long.
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
  call: RemoteCall,
  batch: {
    readonly calls: readonly RemoteCall[]
    readonly earlier: readonly Promise<Answer>[]
    readonly answer: (call: RemoteCall) => Promise<Answer>
    readonly reads: Reads
  },
): Promise<Answer> {
  const { references = [], ...own } = call
  let resolved: RemoteCall = own
  for (const reference of references) {
    const referred = await batch.earlier[reference.call]
    if (referred === undefined) throw new Error('references are checked where the message is read')
    // What was refused there is refused here, for the same reason.
    if (!referred.ok) return referred
    const { body, bookmark } = referred
    const value = referredPart(body === '' ? undefined : JSON.parse(body), reference.path)
    if (value === undefined) return refuse(missing(batch.calls[reference.call], reference), bookmark)
    try {
      resolved = withReferred(resolved, reference, value)
    } catch (error) {
      if (error instanceof ObjectError) return refuse(error, bookmark)
      throw error
    }
  }
  if (call.kind !== 'write') return batch.reads.answer(resolved)
  // A read that came before it does not see it.
  if (references.length === 0 && batch.reads.last !== undefined) await batch.reads.last
  return batch.answer(resolved)
}

function missing(referred: RemoteCall | undefined, { path, into, at }: Reference): ObjectError {
  const did = referred?.kind === 'write' ? referred.verb : (referred?.read ?? '')
  return new ObjectError({
    code: 'invalid_reference',
    field: [into, ...at].join('.'),
    message: `what ${referred?.noun ?? 'the log'}.${did} came to has no '${path.join('.')}'`,
  })
}

function refuse(error: ObjectError, bookmark: string): Answer {
  return { ok: false, error: error.toData(), bookmark }
}
