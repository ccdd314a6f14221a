// The Worker of the process that runs code: takes runs over each WebSocket, one at a time, and answers the launcher's probes.
// It has the Worker Loader, no network, and no way to the server but the sockets that the server opens.

import { isPlainObject, ObjectError, type ObjectErrorData, parseJson } from 'digital-objects'
import { type CodeLoader, LoaderSandbox, type SandboxPrograms } from './loader-sandbox.ts'
import { closeSocket, type LineSocket, listenForLines, sendLine } from './run-line.ts'
import { messagesInProgressMax, type RunCalls, type Sandbox, type SandboxJob } from './sandbox.ts'

export interface SandboxWorkerEnv {
  readonly LOADER: CodeLoader
  /** Identifies the process among those that the launcher has started. */
  readonly GENERATION: string
}

/** The counts of runs of a process, which the launcher reads. */
export interface RunCounts {
  inProgress: number
  started: number
}

export interface SandboxWorker {
  fetch(request: Request, env: SandboxWorkerEnv): Response
}

/** The header of an accepted run that identifies the process. */
export const generationHeader = 'x-generation'

export function sandboxWorker(programs: SandboxPrograms): SandboxWorker {
  const counts: RunCounts = { inProgress: 0, started: 0 }
  return {
    fetch(request, env) {
      if (request.headers.get('upgrade') !== 'websocket') return Response.json(counts)
      const [client, server] = Object.values(new WebSocketPair())
      if (client === undefined || server === undefined) throw new TypeError('expected a pair of sockets')
      server.accept()
      void serveRuns(server, new LoaderSandbox({ loader: env.LOADER, programs }), counts)
      const headers = { [generationHeader]: env.GENERATION }
      return new Response(null, { status: 101, webSocket: client, headers })
    },
  }
}

/** Resolves when the socket is closed. */
export function serveRuns(socket: LineSocket, sandbox: Sandbox, counts: RunCounts): Promise<void> {
  let calls: SentCalls | undefined
  // Answers to calls of an earlier run must not be taken for those of the next.
  const numbers = { last: 0 }
  const end = (ended: SentCalls): void => {
    if (calls !== ended) return
    calls = undefined
    counts.inProgress--
  }
  const serveRun = async (job: SandboxJob): Promise<void> => {
    if (calls !== undefined) throw new TypeError('a socket carries one run at a time')
    const own = new SentCalls(socket, numbers)
    calls = own
    counts.inProgress++
    counts.started++
    const outcome = await sandbox.run(job, () => own)
    end(own)
    sendLine(socket, { kind: 'outcome', number: 0, text: JSON.stringify(outcome) })
  }
  return new Promise((resolve) => {
    listenForLines(socket, {
      received: async ({ kind, number, text }) => {
        if (kind === 'job') return serveRun(parseJob(text))
        if (kind !== 'answers') throw new TypeError(`expected a job or answers, got ${kind}`)
        calls?.answered(number, parseAnswers(text))
      },
      closed: () => {
        calls?.end()
        if (calls !== undefined) end(calls)
        closeSocket(socket, '')
        resolve()
      },
    })
  })
}

/** The calls of a run as lines. Some messages at a time, since the server holds the answers to all that are sent. */
class SentCalls implements RunCalls {
  readonly ended: Promise<ObjectErrorData>
  readonly isRepeatable = (): boolean => false
  readonly #socket: LineSocket
  readonly #numbers: { last: number }
  readonly #end: (error: ObjectErrorData) => void
  readonly #waiting: (() => void)[] = []
  readonly #sent = new Map<number, (answers: readonly string[]) => void>()
  #isOpen = true

  /** `numbers.last`: the last number that a call on this socket has had. */
  constructor(socket: LineSocket, numbers: { last: number }) {
    this.#socket = socket
    this.#numbers = numbers
    const { promise, resolve } = Promise.withResolvers<ObjectErrorData>()
    this.ended = promise
    this.#end = resolve
  }

  readonly send = (message: string): Promise<readonly string[]> => this.#ask('calls', message)

  readonly outside = async (request: string): Promise<string> => (await this.#ask('request', request))[0] ?? ''

  async #ask(kind: 'calls' | 'request', text: string): Promise<readonly string[]> {
    // The code shares its isolate with the client, so it can send anything.
    if (typeof text !== 'string') throw new TypeError('a message is a string')
    if (this.#sent.size >= messagesInProgressMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (!this.#isOpen) throw new ObjectError(callerGone)
    const number = ++this.#numbers.last
    const { promise, resolve } = Promise.withResolvers<readonly string[]>()
    this.#sent.set(number, resolve)
    sendLine(this.#socket, { kind, number, text })
    return promise
  }

  readonly close = (): void => {
    this.#isOpen = false
    for (const go of this.#waiting.splice(0)) go()
  }

  answered(number: number, answers: readonly string[]): void {
    this.#sent.get(number)?.(answers)
    this.#sent.delete(number)
    this.#waiting.shift()?.()
  }

  end(): void {
    this.close()
    this.#end(callerGone)
  }
}

const callerGone: ObjectErrorData = { code: 'timeout', field: 'code', message: 'the run has ended' }

function parseJob(text: string): SandboxJob {
  const job = parseJson(text, () => new TypeError('a job is JSON'))
  if (!isPlainObject(job) || typeof job['code'] !== 'string') throw new TypeError('expected a job')
  // The server wrote it from a checked job.
  return job as unknown as SandboxJob
}

function parseAnswers(text: string): readonly string[] {
  const answers = parseJson(text, () => new TypeError('answers are JSON'))
  if (!Array.isArray(answers)) throw new TypeError('expected answers')
  return answers.map(String)
}
