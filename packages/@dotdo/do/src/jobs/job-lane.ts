// A lane: jobs and commands of which only one runs at a time.

import type { Job } from './job.ts'

export class JobLane {
  /** The jobs, the most urgent first. */
  readonly jobs: readonly Job[]
  /** The time at which this lane needs the alarm. */
  wakeMs: number | undefined
  #running: Job | undefined
  /** The last queued run or command, for which the next one waits. */
  #last: Promise<unknown> = Promise.resolve()
  /** The run in progress, which concurrent callers join. */
  #run: Promise<void> | undefined
  /** The number of running and waiting commands. */
  #commands = 0

  constructor(jobs: readonly Job[]) {
    this.jobs = jobs
  }

  /** The job whose step is running. */
  get running(): Job | undefined {
    return this.#running
  }

  /** Whether a command runs or waits. An alarm does not wait for it, because a command may take longer than an alarm may. */
  get hasCommand(): boolean {
    return this.#commands > 0
  }

  /** Queues a run, or joins the one in progress. */
  run(run: () => Promise<void>): Promise<void> {
    this.#run ??= this.#enqueue(run).finally(() => {
      this.#run = undefined
    })
    return this.#run
  }

  /** Queues a command. */
  async command<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#commands++
    try {
      return await this.#enqueue(run)
    } finally {
      this.#commands--
    }
  }

  /** Makes a step of a job. Call it only from a queued run or command. */
  async step(job: Job, nowMs: number): Promise<boolean> {
    this.#running = job
    try {
      return await job.step(nowMs)
    } finally {
      this.#running = undefined
    }
  }

  #enqueue<Result>(run: () => Promise<Result>): Promise<Result> {
    const queued = this.#last.then(run)
    // The next one starts whether this one succeeds or fails.
    this.#last = queued.catch(() => {})
    return queued
  }
}
