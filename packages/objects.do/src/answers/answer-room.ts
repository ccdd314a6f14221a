// A limit on the total size of the answers to one message, because a small message can request a hundred large pages.

import type { ObjectErrorData } from 'digital-objects'

/** Limits the characters of all bodies together. The first body may exceed it, as it would in a message of its own. */
const charactersMax = 32 * 2 ** 20

/** The answer to calls beyond the limit. They succeed if they are sent again in another message. */
export const noRoom: ObjectErrorData = {
  code: 'overloaded',
  message: `the answers of a message hold at most ${charactersMax} characters; send the remaining calls again`,
}

export class AnswerRoom {
  #characters = 0
  #isFull = false

  /** True after a body did not fit. No further answers should be made then. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Reserves room for a body. Returns false if it does not fit. */
  take(characters: number): boolean {
    this.#isFull ||= this.#characters > 0 && this.#characters + characters > charactersMax
    if (!this.#isFull) this.#characters += characters
    return !this.#isFull
  }
}
