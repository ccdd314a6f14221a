// Keeps workerd running: restarts it if it exits, and kills it if it is frozen, which is not the same as busy.
// docs/decisions/0035-tenants-take-turns.md

import type { Looks } from './hold-ups.ts'
import type { WorkerdProcess } from './workerd-process.ts'

export interface WatchdogOptions {
  /** Starts workerd on a port. 0 takes any free port, on the first start only. */
  readonly start: (port: number) => Promise<WorkerdProcess>
  /** Whether the process answers its heartbeat, within its own time limit. */
  readonly answers: () => Promise<boolean>
  /** How much the process has read and written so far; undefined if that is not known. */
  readonly ioCount: (pid: number) => number | undefined
  /** Whether the process is kept from working. */
  readonly looks: Looks
  readonly warn: (line: string) => void
  readonly port: number
  /** By default a second. */
  readonly probeIntervalMs?: number
}

export interface Watchdog {
  readonly port: number
  pid(): number
  /** Resolves after `stop`. Rejects if workerd cannot be kept running. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const defaultProbeIntervalMs = 1_000
/** Consecutive probes without any progress, of a process that could work, after which workerd counts as frozen. */
const standstillsMax = 5
/** The same for processor time: a loop without an end uses it, however little it gets on a busy machine. */
const usedMsMax = 5_000
/** Consecutive probes without an answer after which the operator is told, and after which a busy process is killed too. */
const silencesToTell = 10
const silencesMax = 120
const pauseMinMs = 10
const pauseMaxMs = 5_000
/** Consecutive runs shorter than this increase the pause before the next one. */
const shortRunMs = 1_000
/** Consecutive short runs after which the watchdog gives up. */
const shortRunsMax = 100
const startAttemptsMax = 5

export async function watch(options: WatchdogOptions): Promise<Watchdog> {
  const workerd = await options.start(options.port)
  return new RunningWatchdog(options, workerd)
}

class RunningWatchdog implements Watchdog {
  readonly port: number
  readonly ended: Promise<void>
  readonly #options: WatchdogOptions
  readonly #stopping = new AbortController()
  #current: WorkerdProcess

  constructor(options: WatchdogOptions, workerd: WorkerdProcess) {
    this.#options = options
    this.#current = workerd
    this.port = workerd.port
    this.ended = this.#run()
  }

  pid(): number {
    return this.#current.pid
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#current.stop()
    await this.ended.catch(() => {})
    // A restart that was under way has put a new process in its place.
    await this.#current.stop()
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  async #run(): Promise<void> {
    for (let shortRuns = 0; ;) {
      const startedAt = Date.now()
      await Promise.race([this.#current.ended, this.#killWhenFrozen(this.#current)])
      if (this.#isStopping) return
      shortRuns = Date.now() - startedAt < shortRunMs ? shortRuns + 1 : 0
      if (shortRuns > shortRunsMax) throw new Error(`workerd ended ${shortRunsMax} times in a row`)
      await this.#pause(Math.min(pauseMinMs * 2 ** shortRuns, pauseMaxMs))
      if (this.#isStopping) return
      this.#options.warn('restarting workerd')
      this.#current = await this.#restart()
    }
  }

  /** Resolves once workerd has been killed, is no longer the current process, or the watchdog stops. */
  async #killWhenFrozen(workerd: WorkerdProcess): Promise<void> {
    const { answers, ioCount, looks, warn, probeIntervalMs = defaultProbeIntervalMs } = this.#options
    let [silences, standstills, usedMs] = [0, 0, 0]
    const look = looks(workerd.pid)
    for (let before = ioCount(workerd.pid); ;) {
      await this.#pause(probeIntervalMs)
      const isAnswered = await answers()
      if (workerd !== this.#current || this.#isStopping) return
      const [now, seen] = [ioCount(workerd.pid), look()]
      silences = isAnswered ? 0 : silences + 1
      // A process that works without a pause answers nobody, but reads and writes.
      const isAlive = isAnswered || now !== before
      standstills = isAlive ? 0 : standstills + (seen.isHeldUp ? 0 : 1)
      usedMs = isAlive ? 0 : usedMs + seen.usedMs
      before = now
      if (silences === silencesToTell) warn('workerd is at work and answers nobody at present')
      const isFrozen = standstills >= standstillsMax || usedMs >= usedMsMax
      if (!isFrozen && silences < silencesMax) continue
      warn(`workerd did not answer ${silences} times in a row${isFrozen ? ', and did no work' : ''}`)
      workerd.kill()
      await workerd.ended
      return
    }
  }

  /** Retries, since the system may not have released the port yet. */
  async #restart(): Promise<WorkerdProcess> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#options.start(this.port)
      } catch (error) {
        if (attempt === startAttemptsMax || this.#isStopping) throw error
        await this.#pause(100 * attempt)
      }
    }
  }

  /** Resolves after `ms`, or at once when the watchdog stops. */
  #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, ms)
      if (signal.aborted) finish()
      else signal.addEventListener('abort', finish)
    })
  }
}
