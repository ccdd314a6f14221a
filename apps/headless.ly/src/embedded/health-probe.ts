// Asks a process that runs code for its counts, one question at a time over one connection.

import { Agent, request } from 'node:http'

export interface RunCounts {
  readonly inProgress: number
  readonly started: number
}

const bodyCharactersMax = 1_000

export class HealthProbe {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #socketFile: string
  #answer: RunCounts | undefined
  #isAsking = false

  constructor(socketFile: string) {
    this.#socketFile = socketFile
    this.#ask()
  }

  /** Returns the answer, and asks again; undefined while there is none. */
  take(): RunCounts | undefined {
    const answer = this.#answer
    this.#answer = undefined
    if (!this.#isAsking) this.#ask()
    return answer
  }

  close(): void {
    this.#agent.destroy()
  }

  #ask(): void {
    this.#isAsking = true
    const done = (text: string): void => {
      this.#isAsking = false
      this.#answer = parseCounts(text)
    }
    const asked = request({ socketPath: this.#socketFile, path: '/health', agent: this.#agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text = (text + chunk).slice(0, bodyCharactersMax)
      })
      response.once('end', () => done(text)).once('error', () => done(''))
    })
    // Refused or reset: no answer.
    asked.once('error', () => done('')).end()
  }
}

function parseCounts(text: string): RunCounts | undefined {
  const [, inProgress, started] = /^\{"inProgress":(\d+),"started":(\d+)\}$/.exec(text) ?? []
  return started === undefined ? undefined : { inProgress: Number(inProgress), started: Number(started) }
}
