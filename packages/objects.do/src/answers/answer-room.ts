// A limit on the answers of one message together: a small message may ask for a hundred large pages.

import type { ObjectErrorData } from 'digital-objects'

/** Characters of all bodies together. The first may be larger: sent alone, it would be answered too. */
const charactersMax = 32 * 2 ** 20

/** For calls beyond the limit. Sent again, apart from the others, they are answered. */
export const noRoom: ObjectErrorData = {
  code: 'overloaded',
  message: `the answers of a message hold at most ${charactersMax} characters; ask for the others again`,
}

export class AnswerRoom {
  #characters = 0
  #isFull = false

  /** A body did not fit, so no further answer should be made. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Reserves room for a body. Returns whether there was any. */
  take(characters: number): boolean {
    this.#isFull ||= this.#characters > 0 && this.#characters + characters > charactersMax
    if (!this.#isFull) this.#characters += characters
    return !this.#isFull
  }
}
