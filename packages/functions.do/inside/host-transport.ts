// The client's transport out of the sandbox: a function of the host that takes a message and returns its answers.

import {
  type Answer,
  type CommandCall,
  type Heard,
  HeadlesslyError,
  type CallMessage,
  type Outcome,
  sendAsText,
  type Transport,
} from '@headlessly/sdk'

/** Takes a message as JSON. Returns an answer per call: a line of JSON about it, then its body. */
export type Send = (message: string) => Promise<readonly string[]>

export class HostTransport implements Transport {
  readonly #send: Send
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(send: Send) {
    this.#send = send
  }

  send(message: CallMessage): Promise<readonly Outcome[]> {
    const carry = (text: string): Promise<unknown> => this.track(this.#send(text))
    return sendAsText(message, { carry })
  }

  /** The run waits for this work too. */
  readonly track = async <Result>(work: Promise<Result>): Promise<Result> => {
    this.#underWay.add(work)
    try {
      return await work
    } finally {
      this.#underWay.delete(work)
    }
  }

  command({ path }: CommandCall): Promise<Answer> {
    return Promise.reject(notHere(`'${path}'`))
  }

  listen(): AsyncIterable<Heard> {
    throw notHere('listening to events')
  }

  /** Resolves when no call is pending and no continuation has started another one. */
  async idle(): Promise<void> {
    do {
      await Promise.allSettled(this.#underWay)
      await new Promise((resolve) => setTimeout(resolve, 0))
    } while (this.#underWay.size > 0)
  }
}

function notHere(what: string): HeadlesslyError {
  const message = `${what} is not available to code that runs in the tenant, since the code ends with its answer`
  return new HeadlesslyError({ code: 'forbidden', field: 'code', message })
}
