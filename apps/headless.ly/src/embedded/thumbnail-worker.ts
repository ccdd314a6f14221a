// The launcher's side of the process that decodes images: started by the first image, and ended when one takes too long or too much
// memory, and when none comes.

import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import type { MadeThumbnail } from './make-thumbnail.ts'
import { busyMsOf, residentBytesOf } from './process-figures.ts'

export type Thumbnail = MadeThumbnail | { readonly ok: false; readonly reason: 'tooLong' | 'tooMuchMemory' }

export interface ThumbnailLimits {
  /** Processor time for one image. */
  readonly busyMs: number
  /** Also the time for one where the system does not say how long its process was busy. */
  readonly waitMs: number
  readonly residentBytes: number
}

/** An image of the most pixels takes 1 s and 380 MB. */
const usualLimits: ThumbnailLimits = { busyMs: 10_000, waitMs: 60_000, residentBytes: 512 * 2 ** 20 }
const idleMs = 10_000
const lookMs = 50

export class ThumbnailWorker {
  readonly #file: string
  readonly #limits: ThumbnailLimits
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(file: string, limits = usualLimits) {
    this.#file = file
    this.#limits = limits
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** For one image at a time. */
  async make(bytes: Uint8Array, size: number): Promise<Thumbnail> {
    clearTimeout(this.#idle)
    const child = (this.#child ??= this.#start())
    const watch = new AbortController()
    try {
      const outcome = await Promise.race([answerOf(child, { bytes, size }), faultOf(child, this.#limits, watch.signal)])
      const residentBytes = residentBytesOf(child.pid ?? 0)
      // The memory of codecs never shrinks, and a damaged image leaves some of its own: another image is not to pay for that.
      if (isFault(outcome) || residentBytes > this.#limits.residentBytes / 2) this.stop()
      return outcome
    } finally {
      watch.abort()
      this.#idle = setTimeout(() => this.stop(), idleMs).unref()
    }
  }

  stop(): void {
    clearTimeout(this.#idle)
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  #start(): ChildProcess {
    // It gets none of the launcher's variables and files.
    const child = fork(this.#file, {
      serialization: 'advanced',
      execArgv: [],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined
    })
    // Only its requests keep the launcher waiting for it.
    child.unref()
    child.channel?.unref()
    return child
  }
}

function isFault(outcome: Thumbnail): boolean {
  return !outcome.ok && outcome.reason !== 'tooManyPixels'
}

/** A process that ends while it decodes has met an image that its codecs could not survive. */
function answerOf(child: ChildProcess, job: { readonly bytes: Uint8Array; readonly size: number }): Promise<Thumbnail> {
  return new Promise((resolve) => {
    const end = (): void => settle({ ok: false, reason: 'tooMuchMemory' })
    const settle = (outcome: Thumbnail): void => {
      child.off('message', settle).off('exit', end).off('error', end)
      resolve(outcome)
    }
    child.once('message', settle).once('exit', end).once('error', end)
    child.send(job)
  })
}

/** Resolves once the process takes more than it may, or nobody waits for that any more. */
async function faultOf({ pid = 0 }: ChildProcess, limits: ThumbnailLimits, signal: AbortSignal): Promise<Thumbnail> {
  const [beganMs, beganBusyMs] = [performance.now(), busyMsOf(pid) ?? 0]
  for (;;) {
    await pause(lookMs)
    if (residentBytesOf(pid) > limits.residentBytes) return { ok: false, reason: 'tooMuchMemory' }
    const [waitedMs, busyMs] = [performance.now() - beganMs, (busyMsOf(pid) ?? beganBusyMs) - beganBusyMs]
    if (signal.aborted || busyMs > limits.busyMs || waitedMs > limits.waitMs) return { ok: false, reason: 'tooLong' }
  }
}
