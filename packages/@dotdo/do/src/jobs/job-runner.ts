// Owns the object's alarm and runs its jobs: one step of each lane whenever the alarm rings, then the alarm is set for
// the next step that is due. Lanes run side by side; within a lane jobs take turns, and a command may have the lane to
// itself.

import { assert, type JobStatus } from 'digital-objects'
import type { AppendedEvent, Job } from './job.ts'
import { JobFailures } from './job-failures.ts'
import { JobLane } from './job-lane.ts'
import { jobToStatus } from './job-status.ts'

export interface JobRunnerOptions {
  readonly storage: DurableObjectStorage
  /** The real clock. */
  readonly now: () => number
  readonly tenantClock: { nowMs(): number; readonly isTest: boolean }
  readonly log: (message: string) => void
}

/** How long to wait for something that has no due time: another job's work, or the end of a command. */
const idleMs = 60_000
/** A job that is due is passed over at most this often for more urgent ones. */
const skipsMax = 4
/** A job that keeps failing is logged the first time, and then once in so many attempts. */
const attemptsPerLog = 10
/** Each step of a command leaves less to do. */
const drainStepsMax = 10_000

export class JobRunner {
  readonly #options: JobRunnerOptions
  readonly #lanes = new Map<string, JobLane>()
  readonly #failures: JobFailures
  readonly #idleUntilMs = new Map<Job, number>()
  readonly #skips = new Map<Job, number>()
  /** When the platform's alarm is set for. */
  #alarmMs: number | undefined

  constructor(options: JobRunnerOptions) {
    this.#options = options
    this.#failures = new JobFailures(options.storage.sql)
  }

  /** Call once, before `resume`. In each lane the most urgent job comes first. */
  add(jobs: readonly Job[]): void {
    assert(new Set(jobs.map(({ name }) => name)).size === jobs.length, 'jobs have distinct names')
    for (const [name, ofLane] of Map.groupBy(jobs, ({ lane }) => lane)) this.#lanes.set(name, new JobLane(ofLane))
  }

  /** Call at start, once the tables exist: sets the alarm for what is due or overdue. */
  resume(): void {
    this.#failures.reload()
    for (const lane of this.#lanes.values()) this.#schedule(lane)
  }

  /** Call inside the transaction of a write: the alarm for what the write makes due is part of that transaction. */
  eventAppended(event: AppendedEvent): void {
    const nowMs = this.#options.now()
    for (const lane of this.#lanes.values()) {
      for (const job of lane.jobs) {
        const dueMs = this.#dueByEvent(job, event)
        if (dueMs === undefined || !this.#isScheduled(job)) continue
        this.#idleUntilMs.delete(job)
        this.#wakeAtLatest(lane, Math.max(dueMs, this.#failures.retryAtMs(job, nowMs)))
      }
    }
  }

  /** Call after a rollback, which has undone the alarm as well. */
  rolledBack(): void {
    this.#alarmMs = undefined
    this.#setAlarm()
  }

  /** Call when something else than a write makes a job of the lane due. */
  reschedule(laneName: string): void {
    this.#schedule(this.#lane(laneName))
  }

  /** The platform's alarm rang: runs one step of each lane. */
  async alarm(): Promise<void> {
    this.#alarmMs = undefined
    for (const lane of this.#lanes.values()) lane.wakeMs = undefined
    await Promise.all([...this.#lanes.keys()].map((name) => this.run(name)))
  }

  /** Runs one step of the lane if one is due, and sets the alarm for the next. A second call meanwhile joins the first. */
  run(laneName: string): Promise<void> {
    const lane = this.#lane(laneName)
    if (!lane.hasCommand) return lane.run(() => this.#runOne(lane))
    lane.wakeMs = this.#options.now() + idleMs
    this.#setAlarm()
    return Promise.resolve()
  }

  /** For commands: runs the lane's jobs, due or not, until none has anything left to do. Throws what a step throws. */
  drain(laneName: string): Promise<void> {
    const lane = this.#lane(laneName)
    return this.exclusively(laneName, async () => {
      for (let step = 0; step < drainStepsMax; step++) if (!(await this.#stepFirst(lane))) return
    })
  }

  /** For commands: no job of the lane runs meanwhile. */
  async exclusively<Result>(laneName: string, command: () => Promise<Result>): Promise<Result> {
    const lane = this.#lane(laneName)
    try {
      return await lane.command(command)
    } finally {
      this.#schedule(lane)
    }
  }

  isFailing(job: Job): boolean {
    return this.#failures.of(job) !== undefined
  }

  status(): readonly JobStatus[] {
    const nowMs = this.#options.now()
    return [...this.#lanes.values()].flatMap((lane) =>
      lane.jobs.map((job) =>
        jobToStatus(job, {
          isRunning: lane.running === job,
          nextMs: this.#nextMs(job, nowMs),
          failure: this.#failures.of(job) ?? job.failure?.(),
          nowMs,
        }),
      ),
    )
  }

  #lane(name: string): JobLane {
    const lane = this.#lanes.get(name)
    assert(lane !== undefined, `some job runs in lane '${name}'`)
    return lane
  }

  async #runOne(lane: JobLane): Promise<void> {
    const nowMs = this.#options.now()
    const due = lane.jobs.filter((job) => this.#isDue(job, nowMs))
    // `toSorted` keeps the order of jobs that are equal here.
    const isStarved = (job: Job): number => Number((this.#skips.get(job) ?? 0) >= skipsMax)
    for (const job of due.toSorted((a, b) => isStarved(b) - isStarved(a))) {
      this.#skips.delete(job)
      if ((await this.#attempt(lane, job)) === 'idle') continue
      for (const other of due) if (other !== job) this.#skips.set(other, (this.#skips.get(other) ?? 0) + 1)
      break
    }
    this.#schedule(lane)
  }

  async #attempt(lane: JobLane, job: Job): Promise<'done' | 'idle' | 'failed'> {
    try {
      const isDone = await lane.step(job, this.#nowOf(job))
      this.#failures.clear(job)
      if (isDone) return 'done'
      this.#idleUntilMs.set(job, this.#options.now() + idleMs)
      return 'idle'
    } catch (error) {
      await this.#failed(job, messageOf(error))
      return 'failed'
    }
  }

  async #failed(job: Job, message: string): Promise<void> {
    const { log } = this.#options
    const attempts = this.#noteFailure(job, message)
    if (job.park === undefined || attempts < (job.retry.attemptsMax ?? Infinity)) return
    try {
      await job.park(message)
      this.#failures.clear(job)
    } catch (error) {
      // The job keeps failing, and is parked after its next attempt.
      log(`job '${job.name}' could not be parked: ${messageOf(error)}`)
    }
  }

  #noteFailure(job: Job, message: string): number {
    const { attempts } = this.#failures.add(job, message, this.#options.now())
    if (attempts % attemptsPerLog === 1)
      this.#options.log(`job '${job.name}' failed, ${attempts} times in a row: ${message}`)
    return attempts
  }

  /** One step of the most urgent job that has anything to do. */
  async #stepFirst(lane: JobLane): Promise<boolean> {
    for (const job of lane.jobs) {
      const isDone = await lane.step(job, this.#nowOf(job))
      this.#failures.clear(job)
      if (isDone) return true
    }
    return false
  }

  #nowOf(job: Job): number {
    return job.clock === 'real' ? this.#options.now() : this.#options.tenantClock.nowMs()
  }

  /** Advancing a test tenant's clock runs the jobs on that clock; the alarm does not. */
  #isScheduled(job: Job): boolean {
    return job.clock === 'real' || !this.#options.tenantClock.isTest
  }

  /** A fault of one job must not fail a write: the job is asked for its due time at once instead. */
  #dueByEvent(job: Job, event: AppendedEvent): number | undefined {
    try {
      return job.eventAppended?.(event, this.#nowOf(job))
    } catch {
      return this.#options.now()
    }
  }

  /** A fault of one job must not keep others from running, so it counts as a failure of that job. */
  #isDue(job: Job, nowMs: number): boolean {
    const answer = this.#askDue(job, nowMs)
    // Nothing is left to retry.
    if (answer.dueMs === undefined) this.#failures.clear(job)
    const isDue = (this.#nextMs(job, nowMs, answer) ?? Infinity) <= nowMs
    if (answer.fault === undefined) return isDue
    if (isDue) this.#noteFailure(job, answer.fault)
    return false
  }

  /** A job that cannot say when it is due is due now, so that it is asked again. */
  #askDue(job: Job, nowMs: number): { readonly dueMs: number | undefined; readonly fault?: string } {
    if (!this.#isScheduled(job)) return { dueMs: undefined }
    try {
      return { dueMs: job.dueMs(this.#nowOf(job)) }
    } catch (error) {
      return { dueMs: nowMs, fault: messageOf(error) }
    }
  }

  /** When to make the job's next step, in real time; undefined for never. */
  #nextMs(job: Job, nowMs: number, { dueMs } = this.#askDue(job, nowMs)): number | undefined {
    if (dueMs === undefined) return undefined
    const idleUntilMs = this.#idleUntilMs.get(job) ?? 0
    // A later time than that was set by a clock that has been set back since.
    const waitUntilMs = idleUntilMs > nowMs + idleMs ? 0 : idleUntilMs
    return Math.max(dueMs, waitUntilMs, this.#failures.retryAtMs(job, nowMs))
  }

  #schedule(lane: JobLane): void {
    const nowMs = this.#options.now()
    const times = lane.jobs.map((job) => this.#nextMs(job, nowMs) ?? Infinity)
    const nextMs = Math.min(...times)
    lane.wakeMs = nextMs === Infinity ? undefined : Math.max(nextMs, nowMs)
    this.#setAlarm()
  }

  #wakeAtLatest(lane: JobLane, atMs: number): void {
    if (lane.wakeMs !== undefined && lane.wakeMs <= atMs) return
    lane.wakeMs = atMs
    this.#setAlarm()
  }

  #setAlarm(): void {
    const nextMs = Math.min(...[...this.#lanes.values()].map(({ wakeMs }) => wakeMs ?? Infinity))
    const alarmMs = nextMs === Infinity ? undefined : nextMs
    if (alarmMs === this.#alarmMs) return
    this.#alarmMs = alarmMs
    const { storage } = this.#options
    void (alarmMs === undefined ? storage.deleteAlarm() : storage.setAlarm(alarmMs))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
