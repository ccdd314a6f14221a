// A limit on the total size of the answers to one message, because a small message can request a hundred large pages.

import type { ObjectErrorData } from 'digital-objects'

/**
 * Limits the characters of all bodies together, since an object's answer may have 32 MiB and most scripts need two bytes
 * a character. The first body may exceed it, as it would in a message of its own: it has at most 13 million.
 */
export const answerCharactersMax = 12 * 2 ** 20

/** The answer to calls beyond the limit. They succeed if they are sent again in another message. */
export const noRoom: ObjectErrorData = {
  code: 'overloaded',
  message: `the answers of a message hold at most ${answerCharactersMax} characters; send the remaining calls again`,
}

/** The answer to a write beyond the limit, which has been made. Sent again with its idempotency key, it is answered. */
export const noRoomForWrite: ObjectErrorData = {
  code: 'overloaded',
  message: `the write was made, but the answers of a message hold at most ${answerCharactersMax} characters; send it again with the same idempotency key, or read the entity`,
  detail: { written: true },
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
    this.#isFull ||= this.#characters > 0 && this.#characters + characters > answerCharactersMax
    if (!this.#isFull) this.#characters += characters
    return !this.#isFull
  }
}
