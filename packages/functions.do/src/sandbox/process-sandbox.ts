// The sandbox in processes beside the server. Code that never gives the processor back freezes its process and not the
// server: the launcher ends that process, and the other runs in it start again. docs/decisions/0036.

import { bytesToHex, type ObjectErrorData } from 'digital-objects'
import { ExpiringMap, type Kept } from './expiring-map.ts'
import { KeptConnections } from './kept-connections.ts'
import { type Place, RunQueue } from './run-queue.ts'
import type { RunConnection } from './run-connection.ts'
import { busyMsMax, type Failed, type RunCalls, type Sandbox, type SandboxJob, type SandboxOutcome } from './sandbox.ts'
import { type ProcessEnd, SandboxProcesses, type SandboxBindings } from './sandbox-processes.ts'

/** An isolate takes several megabytes. */
const runsPerProcess = 8
/** Attempts to run the same code, each in a process that then ended for a reason outside the code. */
const attemptsMax = 3
/** How long code is refused that has ended its process, and its tenant's other code runs alone. */
const refusedMs = 5 * 60_000
const refusedMax = 10_000
type Attempt =
  | { readonly kind: 'reported'; readonly outcome: SandboxOutcome }
  | { readonly kind: 'cut'; readonly end: ProcessEnd; readonly isRepeatable: boolean; readonly wasAlone: boolean }

interface AskedRun {
  readonly job: SandboxJob
  readonly openCalls: () => RunCalls
  readonly kept: KeptConnections | undefined
}

export class ProcessSandbox implements Sandbox {
  readonly #processes: SandboxProcesses
  readonly #queue: RunQueue
  readonly #harmfulCode = new ExpiringMap<ProcessEnd>({ keysMax: refusedMax, keptMs: refusedMs })
  readonly #harmfulTenants = new ExpiringMap<ProcessEnd>({ keysMax: refusedMax, keptMs: refusedMs })

  constructor(bindings: SandboxBindings) {
    this.#processes = new SandboxProcesses(bindings)
    this.#queue = new RunQueue({ processes: this.#processes.count, runsPerProcess })
  }

  run(job: SandboxJob, openCalls: () => RunCalls): Promise<SandboxOutcome> {
    return this.#run({ job, openCalls, kept: undefined })
  }

  ofObject(): Sandbox {
    const kept = new KeptConnections()
    return { run: (job, openCalls) => this.#run({ job, openCalls, kept }) }
  }

  async #run(asked: AskedRun): Promise<SandboxOutcome> {
    const { job } = asked
    const key = await keyOf(job)
    const refused = this.#harmfulCode.get(key, Date.now())
    if (refused !== undefined) return { ...failed(refusalOf(refused)), isHarmful: true }
    let isAlone = this.#harmfulTenants.get(job.tenant, Date.now()) !== undefined
    for (let attempt = 1; ; attempt++) {
      const ended = await this.#attempt(asked, isAlone)
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

  async #attempt({ job, openCalls, kept }: AskedRun, isAlone: boolean): Promise<Attempt> {
    const place = await this.#queue.enter({ tenant: job.tenant, isAlone })
    const calls = openCalls()
    let hasReported = false
    try {
      const attempt = await this.#runAt(place, { job, calls, kept })
      hasReported = attempt.kind === 'reported'
      return attempt
    } finally {
      calls.close()
      if (place.leave({ hasReported })) await this.#processes.restart(place.process)
    }
  }

  #takeKept({ process }: Place, kept: KeptConnections | undefined): RunConnection | undefined {
    const connection = kept?.take(process)
    if (connection === undefined || !this.#processes.hasEnded(process, connection.generation)) return connection
    // This run must not be blamed for the end of a process in which it never was.
    connection.close()
    return undefined
  }

  async #runAt(
    place: Place,
    { job, calls, kept }: Pick<AskedRun, 'job' | 'kept'> & { readonly calls: RunCalls },
  ): Promise<Attempt> {
    const connection = this.#takeKept(place, kept) ?? (await this.#processes.connect(place.process))
    place.accepted()
    let outcome: SandboxOutcome | undefined
    try {
      outcome = await connection.run(JSON.stringify(job), calls)
    } finally {
      if (outcome === undefined || kept === undefined) connection.close()
      else kept.put(place.process, connection)
    }
    if (outcome !== undefined) return { kind: 'reported', outcome }
    const end = await this.#processes.endOf(place.process, connection.generation)
    return { kind: 'cut', end, isRepeatable: calls.isRepeatable(), wasAlone: place.wasAlone() }
  }
}

/** A process may also be ended from outside, by its operator. Then code is at fault only if it happens again. */
function isFault(end: ProcessEnd, attempt: number): boolean {
  return end === 'froze' || end === 'memory' || (end === 'died' && attempt > 1)
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
