// How much the answers of one message may hold: a message is small, and what a hundred reads of a page give is not.

import type { ObjectErrorData } from 'digital-objects'

/** Characters of all bodies together. The first may be larger: by itself it would be answered as well. */
const charactersMax = 32 * 2 ** 20

/** For those that are left over: who asks for them again, apart from the others, is answered. */
export const noRoom: ObjectErrorData = {
  code: 'overloaded',
  message: `the answers of a message hold at most ${charactersMax} characters; ask for the others again`,
}

export class AnswerRoom {
  #characters = 0
  #isFull = false

  /** Something had no room: nothing else is to be made for it. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Whether it has room for a body, which then takes it. */
  take(characters: number): boolean {
    this.#isFull ||= this.#characters > 0 && this.#characters + characters > charactersMax
    if (!this.#isFull) this.#characters += characters
    return !this.#isFull
  }
}
