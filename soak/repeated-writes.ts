// Writes that are repeated under their key until they are answered, and the check that each of them is in the log once.

import { sleep } from './kill-server.ts'
import { type LoggedEvent, readLog } from './replay-log.ts'

export interface Answered {
  readonly $id: string
  readonly $version: number
  readonly $updatedAt: string
}

export interface Write {
  /** Its key, and a value that only this write puts into the log. */
  readonly token: string
  /** A method and a path below the tenant: `POST /Contact`. */
  readonly route: string
  readonly fields: object
}

export interface Outcome {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export class RepeatedWrites {
  readonly #url: string
  readonly #answered: { readonly id: string; readonly version: number; readonly token: string }[] = []
  #repeated = 0

  /** `url` is that of the tenant. */
  constructor(url: string) {
    this.#url = url
  }

  get acknowledged(): number {
    return this.#answered.length
  }

  /** Writes whose first answer did not arrive. */
  get repeated(): number {
    return this.#repeated
  }

  /** Writes an entity. A refusal is an error. */
  async send(write: Write): Promise<Answered> {
    const answered = await this.trySend(write, [])
    if (answered === undefined) throw new Error('every refusal is an error')
    return answered
  }

  /** Writes an entity. Undefined if it was refused with one of these statuses; any other refusal is an error. */
  async trySend(write: Write, refusals: readonly number[]): Promise<Answered | undefined> {
    const { status, body } = await this.ask(write)
    if (refusals.includes(status)) return undefined
    if (status >= 400) throw new Error(`${write.route} was refused: ${JSON.stringify(body)}`)
    const entity = body as unknown as Answered // what a write of an entity answers
    this.#answered.push({ id: entity.$id, version: entity.$version, token: write.token })
    return entity
  }

  /** Repeats a request until it is answered, and returns refusals too. A server that says 500 is at fault. */
  async ask({ token, route, fields }: Write): Promise<Outcome> {
    const [method = '', path = ''] = route.split(' ', 2)
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await fetch(this.#url + path, {
          method,
          headers: { 'content-type': 'application/json', 'idempotency-key': token },
          ...(method === 'DELETE' ? {} : { body: JSON.stringify(fields) }),
          signal: AbortSignal.timeout(10_000),
        })
        const text = await answer.text()
        if (answer.status === 500) throw new Error(`${route} with ${JSON.stringify(fields)} answered 500: ${text}`)
        if (answer.status > 500) throw new TypeError(`status ${answer.status}`)
        if (attempt > 0) this.#repeated += 1
        return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Outcome['body']) }
      } catch (error) {
        // After a broken connection the outcome of the write is unknown: repeat it.
        if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error
        if (attempt > 600) throw error
        await sleep(50)
      }
    }
  }

  /** Checks that every acknowledged write is in the log exactly once, at its version. `tokenOf` reads it from an event. */
  async check(tokenOf: (event: LoggedEvent) => string | undefined): Promise<void> {
    const times = new Map<string, number>()
    const versions = new Set<string>()
    for await (const event of readLog(this.#url)) {
      versions.add(`${event.target} ${event.version}`)
      const token = tokenOf(event)
      if (token !== undefined) times.set(token, (times.get(token) ?? 0) + 1)
    }
    for (const { id, version, token } of this.#answered) {
      if (!versions.has(`${id} ${version}`))
        throw new Error(`lost: ${token} was acknowledged as version ${version} of ${id}`)
      if (times.get(token) !== 1) throw new Error(`${token} is in the log ${times.get(token) ?? 0} times`)
    }
  }
}
