// One socket that listens to live events, with the events that it was sent and has not acknowledged. The platform
// buffers whatever a client does not read, and does not say how much, so acknowledgements are the only measure.

import type { Proof } from './proof.ts'
import { type Audience, audienceToData, dataToAudience, type StoredAudience } from './audience.ts'

interface State {
  readonly audience: Audience
  readonly proof?: Proof | undefined
  /** The end of the last commit that was sent, or skipped, while the socket is behind; null while it is live. */
  readonly after: number | null
  /** The last `seq` sent that is not acknowledged; 0 if there is none. */
  readonly last: number
  /** Characters sent and not acknowledged. */
  readonly held: number
  /** Time since which the client has acknowledged nothing, although there was something. */
  readonly sinceMs: number
}

/**
 * The platform stores this with a socket, so that it survives the object. At most 16 KB, which the limits of selections
 * and authorities ensure.
 */
interface Attachment extends Omit<State, 'audience'> {
  readonly audience: StoredAudience
}

/** Memory for each message beside its characters. */
const messageCharacters = 200

/** The events of one commit that a listener receives. They are sent together or not at all. */
export interface Delivery {
  /** The `seq` whose acknowledgement is the commit's: that of the last message. */
  readonly seq: number
  readonly messages: readonly string[]
  /** The number of events in the messages. */
  readonly events: number
}

export class Listener {
  readonly socket: WebSocket
  readonly audience: Audience
  readonly proof: Proof | undefined
  #after: number | null
  #sent: { readonly seq: number; readonly characters: number }[]
  #held: number
  #sinceMs: number
  #averageCharacters = 0
  #acknowledged = 0

  constructor(socket: WebSocket, { audience, proof, after, last, held, sinceMs }: State) {
    this.socket = socket
    this.audience = audience
    this.proof = proof
    this.#after = after
    this.#held = held
    this.#sinceMs = sinceMs
    this.#sent = held === 0 ? [] : [{ seq: last, characters: held }]
  }

  /** Restores the listener of a socket that has outlived its object. Equal audiences are to be one object. */
  static restore(socket: WebSocket, shared: (audience: Audience) => Audience): Listener {
    const stored = socket.deserializeAttachment() as Attachment // written by `store`
    return new Listener(socket, { ...stored, audience: shared(dataToAudience(stored.audience)) })
  }

  get after(): number | null {
    return this.#after
  }

  get held(): number {
    return this.#held
  }

  get sinceMs(): number {
    return this.#sinceMs
  }

  /** The first `seq` that is not acknowledged. */
  get firstHeld(): number {
    return this.#sent[0]?.seq ?? 0
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  /** Returns the number of events that probably have so many characters. */
  eventsIn(characters: number): number {
    return this.#averageCharacters === 0 ? Number.POSITIVE_INFINITY : Math.ceil(characters / this.#averageCharacters)
  }

  /** Moves the position, which has to be stored at once: without it, an event would be lost or sent twice. */
  place(after: number | null): void {
    this.#after = after
    this.store()
  }

  /** Returns the characters that are now held in addition. */
  send({ seq, messages, events }: Delivery, nowMs: number): number {
    let characters = 0
    for (const message of messages) {
      this.socket.send(message)
      characters += message.length + messageCharacters
    }
    if (this.#held === 0) this.#sinceMs = nowMs
    this.#sent.push({ seq, characters })
    this.#held += characters
    const average = characters / events
    this.#averageCharacters += (average - this.#averageCharacters) / (this.#averageCharacters === 0 ? 1 : 4)
    return characters
  }

  /** Returns false if the acknowledgement is of nothing new. */
  acknowledge(seq: number, nowMs: number): boolean {
    if (seq <= this.#acknowledged || this.#held === 0) return false
    this.#acknowledged = seq
    this.#sinceMs = nowMs
    const left = this.#sent.findIndex((sent) => sent.seq > seq)
    const freed = this.#sent.splice(0, left < 0 ? this.#sent.length : left)
    for (const { characters } of freed) this.#held -= characters
    return true
  }

  store(): void {
    const attachment: Attachment = {
      audience: audienceToData(this.audience),
      ...(this.proof === undefined ? {} : { proof: this.proof }),
      after: this.#after,
      last: this.#sent.at(-1)?.seq ?? 0,
      held: this.#held,
      sinceMs: this.#sinceMs,
    }
    this.socket.serializeAttachment(attachment)
  }
}
