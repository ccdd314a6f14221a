// Guards the server's time against jumps of the system's clock. Within one run, a second clock that cannot be set tells how
// much time has really passed. docs/decisions/0048-a-clock-jump-is-not-followed.md

export interface ServerTimeOptions {
  /** Receives a line when the clock has jumped, and when it is back. */
  readonly warn: (line: string) => void
  /** Called when the clock was set back, since workerd's timers then wait for the time that they were set for. */
  readonly setBack: () => void
  /** The system's clock, which can be set. */
  readonly wall: () => number
  /** A clock that only runs on. It may stand still while the machine sleeps. */
  readonly monotonic: () => number
}

const minuteMs = 60_000
const dayMs = 86_400_000
/** Longer than a machine usually sleeps: sleep looks like a jump forward. */
const forwardMsMax = 31 * dayMs
/** More than a clock is corrected by while a server runs. */
const backwardMsMax = 5 * minuteMs
const intervalMs = 1_000

export class ServerTime {
  readonly #options: ServerTimeOptions
  /** The two clocks when they last agreed. */
  #wallMs: number
  #monotonicMs: number
  #offsetMs = 0
  #lastWallMs: number
  #lastMonotonicMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(options: ServerTimeOptions) {
    this.#options = options
    this.#wallMs = this.#lastWallMs = options.wall()
    this.#monotonicMs = this.#lastMonotonicMs = options.monotonic()
  }

  /** Looks at the clocks again and again, so that a jump is found even without requests. */
  watch(): void {
    this.#timer = setInterval(() => void this.offsetMs(), intervalMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** The lead of the system's clock over the time that the server goes by; 0 while the clock is trusted. */
  offsetMs(): number {
    const [wallMs, monotonicMs] = [this.#options.wall(), this.#options.monotonic()]
    const stepMs = wallMs - this.#lastWallMs - (monotonicMs - this.#lastMonotonicMs)
    const driftMs = wallMs - this.#wallMs - (monotonicMs - this.#monotonicMs)
    this.#lastWallMs = wallMs
    this.#lastMonotonicMs = monotonicMs
    const isTrusted = driftMs <= forwardMsMax && driftMs >= -backwardMsMax
    if (isTrusted) {
      this.#wallMs = wallMs
      this.#monotonicMs = monotonicMs
    }
    this.#follow(isTrusted ? 0 : Math.round(driftMs))
    if (stepMs < -backwardMsMax) this.#options.setBack()
    return this.#offsetMs
  }

  #follow(offsetMs: number): void {
    const [isOff, wasOff] = [offsetMs !== 0, this.#offsetMs !== 0]
    // A changed offset during a jump is another jump, or the slow drift of two clocks.
    const isNew = Math.abs(offsetMs - this.#offsetMs) > backwardMsMax
    this.#offsetMs = offsetMs
    if (isOff && isNew) this.#options.warn(describeJump(offsetMs))
    if (!isOff && wasOff) this.#options.warn('the system clock agrees with the time of this server again')
  }
}

function describeJump(offsetMs: number): string {
  const days = (Math.abs(offsetMs) / dayMs).toFixed(1)
  return (
    `the system clock jumped ${offsetMs > 0 ? 'forward' : 'back'} by ${days} days: events keep the time from before ` +
    'the jump; set the clock right, or restart the server if the new time is right'
  )
}
