// The sandbox in processes beside the server. Code that never gives the processor back freezes its process and not the
// server: the launcher ends that process, and the other runs in it start again. docs/decisions/0036.

import { bytesToHex, type ObjectErrorData } from 'digital-objects'
import { ExpiringMap, type Kept } from './expiring-map.ts'
import { noRequests } from './no-requests.ts'
import { parseOutcome } from './parse-report.ts'
import { closeSocket, listenForLines, sendLine } from './run-line.ts'
import { type Place, RunQueue } from './run-queue.ts'
import {
  busyMsMax,
  type Failed,
  type RunCalls,
  runMsMax,
  type Sandbox,
  type SandboxJob,
  type SandboxOutcome,
} from './sandbox.ts'
import { type ProcessEnd, SandboxProcesses, type SandboxBindings } from './sandbox-processes.ts'

/** An isolate takes several megabytes. */
const runsPerProcess = 8
/** Attempts to run the same code, each in a process that then ended for a reason outside the code. */
const attemptsMax = 3
/** How long code is refused that has ended its process, and its tenant's other code runs alone. */
const refusedMs = 5 * 60_000
const refusedMax = 10_000
/** The process ends a run itself after `runMsMax`; the server waits a little longer for its report. */
const graceMs = 2_000

type Attempt =
  | { readonly kind: 'reported'; readonly outcome: SandboxOutcome }
  | { readonly kind: 'cut'; readonly end: ProcessEnd; readonly isRepeatable: boolean; readonly wasAlone: boolean }

export class ProcessSandbox implements Sandbox {
  readonly #processes: SandboxProcesses
  readonly #queue: RunQueue
  readonly #harmfulCode = new ExpiringMap<ProcessEnd>({ keysMax: refusedMax, keptMs: refusedMs })
  readonly #harmfulTenants = new ExpiringMap<ProcessEnd>({ keysMax: refusedMax, keptMs: refusedMs })

  constructor(bindings: SandboxBindings) {
    this.#processes = new SandboxProcesses(bindings)
    this.#queue = new RunQueue({ processes: this.#processes.count, runsPerProcess })
  }

  async run(job: SandboxJob, openCalls: () => RunCalls): Promise<SandboxOutcome> {
    const key = await keyOf(job)
    const refused = this.#harmfulCode.get(key, Date.now())
    if (refused !== undefined) return { ...failed(refusalOf(refused)), isHarmful: true }
    let isAlone = this.#harmfulTenants.get(job.tenant, Date.now()) !== undefined
    for (let attempt = 1; ; attempt++) {
      const ended = await this.#attempt({ job, openCalls }, isAlone)
      if (ended.kind === 'reported') return ended.outcome
      const { end, isRepeatable, wasAlone } = ended
      if (wasAlone && isFault(end, attempt)) {
        this.#harmfulCode.set(key, end, Date.now())
        this.#harmfulTenants.set(job.tenant, end, Date.now())
        return { ...cut({ code: 'code_failed', field: 'code', message: `the code ${deeds[end]}` }), isHarmful: true }
      }
      if (!isRepeatable || attempt === attemptsMax) return cut(interrupted)
      // One of several runs is at fault. Alone, each shows whether it is the one.
      isAlone ||= end !== 'stopped'
    }
  }

  async #attempt(
    { job, openCalls }: { readonly job: SandboxJob; readonly openCalls: () => RunCalls },
    isAlone: boolean,
  ): Promise<Attempt> {
    const place = await this.#queue.enter({ tenant: job.tenant, isAlone })
    const calls = openCalls()
    let hasReported = false
    try {
      const attempt = await this.#runAt(place, job, calls)
      hasReported = attempt.kind === 'reported'
      return attempt
    } finally {
      calls.close()
      if (place.leave({ hasReported })) await this.#processes.restart(place.process)
    }
  }

  async #runAt(place: Place, job: SandboxJob, calls: RunCalls): Promise<Attempt> {
    const { socket, generation } = await this.#processes.connect(place.process)
    place.accepted()
    const outcome = await talk(socket, { job: JSON.stringify(job), calls })
    if (outcome !== undefined) return { kind: 'reported', outcome }
    const end = await this.#processes.endOf(place.process, generation)
    return { kind: 'cut', end, isRepeatable: calls.isRepeatable(), wasAlone: place.wasAlone() }
  }
}

/** A process may also be ended from outside, by its operator. Then code is at fault only if it happens again. */
function isFault(end: ProcessEnd, attempt: number): boolean {
  return end === 'froze' || end === 'memory' || (end === 'died' && attempt > 1)
}

/** Resolves to undefined if the process has ended before it reported. */
function talk(
  socket: WebSocket,
  { job, calls }: { readonly job: string; readonly calls: RunCalls },
): Promise<SandboxOutcome | undefined> {
  return new Promise((resolve, reject) => {
    const end = (outcome: SandboxOutcome | undefined): void => {
      clearTimeout(timer)
      resolve(outcome)
      closeSocket(socket, 'the run has ended')
    }
    const timer = setTimeout(() => end(cut(lateData)), runMsMax + graceMs)
    listenForLines(socket, {
      received: async ({ kind, number, text }) => {
        if (kind === 'outcome') return end(parseOutcome(text))
        if (kind === 'request') {
          const answer = (await calls.outside?.(text)) ?? noRequests
          return sendLine(socket, { kind: 'answers', number, text: JSON.stringify([answer]) })
        }
        if (kind !== 'calls') throw new TypeError(`expected calls or an outcome, got ${kind}`)
        const answers = await calls.send(text)
        sendLine(socket, { kind: 'answers', number, text: JSON.stringify(answers) })
      },
      closed: (error) => {
        if (error === undefined) return end(undefined)
        clearTimeout(timer)
        reject(error)
      },
    })
    void calls.ended.then((error) => end(failed(error)))
    socket.accept()
    sendLine(socket, { kind: 'job', number: 0, text: job })
  })
}

async function keyOf({ tenant, code, inputKey = '' }: SandboxJob): Promise<string> {
  const bytes = new TextEncoder().encode(`${tenant}\n${inputKey}\n${code}`)
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

function failed(error: ObjectErrorData): Failed {
  return { ok: false, logs: [], error }
}

function cut(error: ObjectErrorData): Failed {
  return { ok: false, logs: [], error, isCut: true }
}

const deeds = {
  froze: `kept the processor for ${busyMsMax / 1_000} s`,
  memory: 'used more memory than a run may',
  stopped: 'was ended with its process',
  died: 'ended the process that it ran in',
} as const satisfies Readonly<Record<ProcessEnd, string>>

function refusalOf({ value, untilMs }: Kept<ProcessEnd>): ObjectErrorData {
  const refusedUntil = new Date(untilMs).toISOString()
  const retryAfterSeconds = Math.ceil((untilMs - Date.now()) / 1_000)
  const message = `this code ${deeds[value]} when it ran last, so it is refused until ${refusedUntil}; change it`
  return { code: 'code_failed', field: 'code', message, detail: { refusedUntil, retryAfterSeconds } }
}

const interrupted: ObjectErrorData = {
  code: 'internal_error',
  message:
    'the process that ran the code was ended because of other code in it, and code whose writes stay runs again only with an Idempotency-Key',
}

const lateData: ObjectErrorData = {
  code: 'timeout',
  field: 'code',
  message: `the code did not end within ${runMsMax} ms`,
}
