// Keeps workerd running: restarts it if it exits, and kills it if it no longer answers.

import type { WorkerdProcess } from './workerd-process.ts'

export interface WatchdogOptions {
  /** Starts workerd on a port. 0 takes any free port, on the first start only. */
  readonly start: (port: number) => Promise<WorkerdProcess>
  readonly isHealthy: (port: number) => Promise<boolean>
  readonly warn: (line: string) => void
  readonly port: number
}

export interface Watchdog {
  readonly port: number
  pid(): number
  /** Resolves after `stop`. Rejects if workerd cannot be kept running. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const probeIntervalMs = 1_000
/** Consecutive failed probes after which workerd counts as frozen. */
const probeFailuresMax = 5
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
    for (let failures = 0; ;) {
      await this.#pause(probeIntervalMs)
      if (workerd !== this.#current || this.#isStopping) return
      failures = (await this.#options.isHealthy(this.port)) ? 0 : failures + 1
      if (failures < probeFailuresMax) continue
      this.#options.warn(`workerd did not answer ${failures} times in a row`)
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
