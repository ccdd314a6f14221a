// A lane: the jobs that never run at the same time, and the commands that never run beside them.

import type { Job } from './job.ts'

export class JobLane {
  /** The most urgent first. */
  readonly jobs: readonly Job[]
  /** When the alarm is to ring for this lane. */
  wakeMs: number | undefined
  #running: Job | undefined
  /** The last step or command, which the next one waits for. */
  #lastTurn: Promise<unknown> = Promise.resolve()
  /** A run that has not finished; callers meanwhile join it. */
  #run: Promise<void> | undefined
  /** Commands that have the lane to themselves or wait for it. */
  #commands = 0

  constructor(jobs: readonly Job[]) {
    this.jobs = jobs
  }

  /** The job whose step is being made. */
  get running(): Job | undefined {
    return this.#running
  }

  /** An alarm does not wait for a command, which may take longer than an alarm may. */
  get hasCommand(): boolean {
    return this.#commands > 0
  }

  /** Takes a turn for a run, or joins the run that has not finished. */
  run(run: () => Promise<void>): Promise<void> {
    this.#run ??= this.#takeTurn(run).finally(() => {
      this.#run = undefined
    })
    return this.#run
  }

  /** Takes a turn for a command. */
  async command<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#commands++
    try {
      return await this.#takeTurn(run)
    } finally {
      this.#commands--
    }
  }

  /** Makes a step, in a turn of the lane. */
  async step(job: Job, nowMs: number): Promise<boolean> {
    this.#running = job
    try {
      return await job.step(nowMs)
    } finally {
      this.#running = undefined
    }
  }

  #takeTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastTurn.then(run)
    // The next one starts whether this one succeeds or fails.
    this.#lastTurn = turn.catch(() => {})
    return turn
  }
}
