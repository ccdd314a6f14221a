// Keeps workerd running: starts it again when it ends by itself, and ends it when it no longer answers.

import type { WorkerdProcess } from './workerd-process.ts'

export interface WatchdogOptions {
  /** Starts workerd on a port; 0 the first time takes any. */
  readonly start: (port: number) => Promise<WorkerdProcess>
  readonly isHealthy: (port: number) => Promise<boolean>
  readonly warn: (line: string) => void
  readonly port: number
}

export interface Watchdog {
  readonly port: number
  pid(): number
  /** Resolves when it gave up, or was stopped. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const probeIntervalMs = 1_000
/** In a row, before it is taken for frozen. */
const probeFailuresMax = 5
const pauseMinMs = 10
const pauseMaxMs = 5_000
/** Runs shorter than this, one after another, make the pause grow; and so many of them in a row are enough. */
const shortRunMs = 1_000
const shortRunsMax = 100

export async function watch(options: WatchdogOptions): Promise<Watchdog> {
  const { start, isHealthy, warn } = options
  let current = await start(options.port)
  const { port } = current
  let isStopping = false
  let wake: () => void = () => {}

  const run = async (): Promise<void> => {
    for (let shortRuns = 0; ;) {
      const startedAt = Date.now()
      await Promise.race([current.ended, probeUntilFrozen(current)])
      if (isStopping) return
      shortRuns = Date.now() - startedAt < shortRunMs ? shortRuns + 1 : 0
      if (shortRuns > shortRunsMax) throw new Error(`workerd ended ${shortRunsMax} times in a row`)
      await pause(Math.min(pauseMinMs * 2 ** shortRuns, pauseMaxMs))
      if (isStopping) return
      warn('workerd is started again')
      current = await startAgain(port)
    }
  }

  const probeUntilFrozen = async (watched: WorkerdProcess): Promise<void> => {
    for (let failures = 0; watched === current && !isStopping;) {
      await pause(probeIntervalMs)
      if (watched !== current || isStopping) return
      failures = (await isHealthy(port)) ? 0 : failures + 1
      if (failures < probeFailuresMax) continue
      warn(`workerd did not answer ${failures} times in a row`)
      watched.kill()
      await watched.ended
      return
    }
  }

  /** The port may not be free at once. */
  const startAgain = async (onPort: number): Promise<WorkerdProcess> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await start(onPort)
      } catch (error) {
        if (attempt === 5 || isStopping) throw error
        await pause(100 * attempt)
      }
    }
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      const before = wake
      wake = () => {
        clearTimeout(timer)
        before()
        resolve()
      }
    })

  const ended = run()
  return {
    port,
    ended,
    pid: () => current.pid,
    stop: async () => {
      isStopping = true
      wake()
      await current.stop()
      await ended.catch(() => {})
    },
  }
}
