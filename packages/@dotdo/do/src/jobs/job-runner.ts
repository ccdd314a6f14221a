// Owns the object's alarm and runs its jobs. When the alarm fires, each lane runs one step, and the alarm is set for the
// next step that is due. Lanes run concurrently; within a lane, one job or command runs at a time.

import { assert, type JobStatus } from 'digital-objects'
import type { StorageSpace } from '../base/storage-space.ts'
import type { AppendedEvent, Job } from './job.ts'
import { JobFailures } from './job-failures.ts'
import { JobLane } from './job-lane.ts'
import { jobToStatus } from './job-status.ts'

export interface JobRunnerOptions {
  readonly storage: DurableObjectStorage
  /** The real clock. */
  readonly now: () => number
  readonly tenantClock: { nowMs(): number; readonly isTest: boolean }
  /** The load of the tenant's past, during which jobs on the tenant's clock wait. */
  readonly load: { readonly isOpen: boolean }
  readonly log: (message: string) => void
  /** Lanes for whose steps an alarm waits: their work keeps the machine busy, and servers limit alarms at a time. */
  readonly wholeLanes?: readonly string[]
  readonly space?: StorageSpace | undefined
}

/** The wait for an event without a due time: another job's work, or the end of a command. */
const idleMs = 60_000
/** While the disk is full, jobs are looked at again after this time. */
const fullMs = 5_000
/** Limits how often a due job is skipped for more urgent ones. */
const skipsMax = 4
/** A job that keeps failing is logged at its first failure, and then once in this many attempts. */
const attemptsPerLog = 10
/** Limits the steps of a command. Each step reduces the remaining work. */
const drainStepsMax = 10_000
/** An alarm waits this long for lanes. The platform fires no other alarm meanwhile, so a slow handler would delay the others. */
const alarmWaitMs = 250
/** The platform has lost an alarm that is overdue for so long. */
const lostMs = 10_000
/** The platform takes no later alarm. A job that is due after it waits for this one. */
const alarmMsMax = Date.UTC(2189, 0)

export class JobRunner {
  readonly #options: JobRunnerOptions
  readonly #lanes = new Map<string, JobLane>()
  readonly #failures: JobFailures
  readonly #idleUntilMs = new Map<Job, number>()
  /** Jobs that got work since their latest step began, which the step may not have seen. */
  readonly #hasNewWork = new Set<Job>()
  readonly #skips = new Map<Job, number>()
  /** The time for which the platform's alarm is set. */
  #alarmMs: number | undefined
  /** The time at which an alarm was found to be lost: another time replaces it. */
  #lostMs = 0
  /** True while a timer stands in for the alarm, for which the disk has no room. */
  #hasTimer = false

  constructor(options: JobRunnerOptions) {
    this.#options = options
    this.#failures = new JobFailures(options.storage.sql)
  }

  /** Call once, before `resume`. The order of jobs in a lane is their urgency. */
  add(jobs: readonly Job[]): void {
    assert(new Set(jobs.map(({ name }) => name)).size === jobs.length, 'jobs have distinct names')
    for (const [name, ofLane] of Map.groupBy(jobs, ({ lane }) => lane)) this.#lanes.set(name, new JobLane(ofLane))
  }

  /** Sets the alarm for due and overdue jobs. Call it at start, once the tables exist. */
  resume(): void {
    this.#failures.reload()
    this.rescheduleAll()
  }

  /** Sets the alarm for jobs that the write makes due. Call it inside the write's transaction, which includes the alarm. */
  eventAppended(event: AppendedEvent): void {
    const nowMs = this.#options.now()
    for (const lane of this.#lanes.values()) {
      for (const job of lane.jobs) {
        const dueMs = this.#dueByEvent(job, event)
        if (dueMs === undefined || !this.#isScheduled(job)) continue
        this.#endIdle(job)
        this.#wakeAtLatest(lane, Math.max(dueMs, this.#failures.retryAtMs(job, nowMs)))
      }
    }
  }

  /** Sets the alarm again after a rollback, which has undone it. */
  rolledBack(): void {
    this.#alarmMs = undefined
    this.#setAlarm()
  }

  /** Call when something other than a write makes a job of the lane due. */
  reschedule(laneName: string): void {
    this.#scheduleWork(this.#lane(laneName))
  }

  /** Call when jobs that have waited may run. */
  rescheduleAll(): void {
    for (const lane of this.#lanes.values()) this.#scheduleWork(lane)
  }

  /** Runs one step of each lane. Call it when the platform's alarm fires. Slow steps continue after it; `status` says so. */
  async alarm(): Promise<void> {
    this.#alarmMs = undefined
    for (const lane of this.#lanes.values()) lane.wakeMs = undefined
    await this.#options.space?.refresh()
    const { promise: waited, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, alarmWaitMs)
    const { wholeLanes = [] } = this.#options
    const runs = [...this.#lanes.keys()].map((name) => {
      const run = this.run(name)
      // The platform repeats an alarm that rejects. After the wait, the next alarm repeats the step.
      run.catch((error: unknown) => this.#options.log(`the jobs of ${name} failed: ${messageOf(error)}`))
      return wholeLanes.includes(name) ? run : Promise.race([run, waited])
    })
    await Promise.all(runs)
    clearTimeout(timer)
    // The end of a step sets the lane's next alarm. If the process dies before it, this one finds the lane.
    const againMs = this.#options.now() + idleMs
    for (const lane of this.#lanes.values()) if (lane.running !== undefined) this.#wakeAtLatest(lane, againMs)
    this.#setAlarm()
  }

  /** Runs one step of the lane if one is due, and sets the alarm for the next. A concurrent call joins this one. */
  run(laneName: string): Promise<void> {
    const lane = this.#lane(laneName)
    if (!lane.hasCommand) return lane.run(() => this.#runOne(lane))
    lane.wakeMs = this.#options.now() + idleMs
    this.#setAlarm()
    return Promise.resolve()
  }

  /** For commands: runs the lane's jobs, due or not, until none has work left. Throws the error of a step. */
  drain(laneName: string): Promise<void> {
    const lane = this.#lane(laneName)
    return this.exclusively(laneName, async () => {
      for (let step = 0; step < drainStepsMax; step++) if (!(await this.#stepFirst(lane))) return
    })
  }

  /** For commands: runs the command while no job of the lane runs. */
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
    assert(lane !== undefined, `lane '${name}' has jobs`)
    return lane
  }

  async #runOne(lane: JobLane): Promise<void> {
    const nowMs = this.#options.now()
    const due = lane.jobs.filter((job) => this.#maySpend(job) && this.#isDue(job, nowMs))
    // `toSorted` is stable: starved jobs come first, and urgency orders the rest.
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
    this.#hasNewWork.delete(job)
    try {
      const isDone = await lane.step(job, this.#nowOf(job))
      this.#failures.clear(job)
      if (isDone) return 'done'
      if (!this.#hasNewWork.has(job)) this.#idleUntilMs.set(job, this.#options.now() + idleMs)
      return 'idle'
    } catch (error) {
      await this.#failed(job, messageOf(error))
      return 'failed'
    }
  }

  async #failed(job: Job, message: string): Promise<void> {
    const { log } = this.#options
    const attempts = this.#recordFailure(job, message)
    if (job.park === undefined || attempts < (job.retry.attemptsMax ?? Infinity)) return
    try {
      await job.park(message)
      this.#failures.clear(job)
    } catch (error) {
      // The job fails again, and its next failure tries to park it again.
      log(`job '${job.name}' could not be parked: ${messageOf(error)}`)
    }
  }

  #recordFailure(job: Job, message: string): number {
    const { attempts } = this.#failures.add(job, message, this.#options.now())
    if (attempts % attemptsPerLog === 1)
      this.#options.log(`job '${job.name}' failed ${attempts} times in a row: ${message}`)
    return attempts
  }

  /** Makes one step of the most urgent job that has work. */
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

  /**
   * Whether the alarm runs the job. Jobs on the clock of a test tenant run only when that clock is advanced, and no such job
   * runs while the past is being loaded.
   */
  #isScheduled(job: Job): boolean {
    const { tenantClock, load } = this.#options
    return job.clock === 'real' || (!tenantClock.isTest && !load.isOpen)
  }

  /** Returns the job's due time. If the job throws, it is due now, so that its fault does not fail the write. */
  #dueByEvent(job: Job, event: AppendedEvent): number | undefined {
    try {
      return job.eventAppended?.(event, this.#nowOf(job))
    } catch {
      return this.#options.now()
    }
  }

  /** Whether the job is due. If it throws, that counts as its failure, and other jobs can run. */
  #isDue(job: Job, nowMs: number): boolean {
    const answer = this.#askDue(job, nowMs)
    // The job has no work left to retry.
    if (answer.dueMs === undefined) this.#failures.clear(job)
    const isDue = (this.#nextMs(job, nowMs, answer) ?? Infinity) <= nowMs
    if (answer.fault === undefined) return isDue
    if (isDue) this.#recordFailure(job, answer.fault)
    return false
  }

  /** Returns the job's due time. If the job throws, that is now, so that it is tried again. */
  #askDue(job: Job, nowMs: number): { readonly dueMs: number | undefined; readonly fault?: string } {
    if (!this.#isScheduled(job)) return { dueMs: undefined }
    try {
      return { dueMs: job.dueMs(this.#nowOf(job)) }
    } catch (error) {
      return { dueMs: nowMs, fault: messageOf(error) }
    }
  }

  /** Returns the time of the job's next step on the real clock, or undefined if none is planned. */
  #nextMs(job: Job, nowMs: number, { dueMs } = this.#askDue(job, nowMs)): number | undefined {
    if (dueMs === undefined) return undefined
    const idleUntilMs = this.#idleUntilMs.get(job) ?? 0
    // A later time means that the clock was set back since.
    const waitUntilMs = idleUntilMs > nowMs + idleMs ? 0 : idleUntilMs
    return Math.max(dueMs, waitUntilMs, this.#failures.retryAtMs(job, nowMs))
  }

  /** Work has come, which a job that waits for an event is to look at. */
  #endIdle(job: Job): void {
    this.#idleUntilMs.delete(job)
    this.#hasNewWork.add(job)
  }

  #scheduleWork(lane: JobLane): void {
    for (const job of lane.jobs) this.#endIdle(job)
    this.#schedule(lane)
  }

  #schedule(lane: JobLane): void {
    const nowMs = this.#options.now()
    const times = lane.jobs.map((job) => this.#nextMs(job, nowMs) ?? Infinity)
    const nextMs = Math.min(...times)
    const earliestMs = this.#options.space?.isFull === true ? nowMs + fullMs : nowMs
    lane.wakeMs = nextMs === Infinity ? undefined : Math.max(nextMs, earliestMs)
    this.#setAlarm()
  }

  /** While the disk is full, only jobs that free space run. */
  #maySpend(job: Job): boolean {
    return this.#options.space?.isFull !== true || job.freesSpace === true
  }

  #wakeAtLatest(lane: JobLane, atMs: number): void {
    if (lane.wakeMs === undefined || lane.wakeMs > atMs) lane.wakeMs = atMs
    else if (!this.#isLost()) return
    this.#setAlarm()
  }

  #setAlarm(): void {
    if (this.#isLost()) this.#lostMs = this.#options.now()
    const nextMs = Math.max(
      this.#lostMs,
      Math.min(...[...this.#lanes.values()].map(({ wakeMs }) => wakeMs ?? Infinity)),
    )
    const alarmMs = nextMs === Infinity ? undefined : Math.min(nextMs, alarmMsMax)
    if (alarmMs === this.#alarmMs) return
    if (this.#options.space?.isExhausted === true) return this.#setAlarmLater()
    this.#alarmMs = alarmMs
    const { storage } = this.#options
    void (alarmMs === undefined ? storage.deleteAlarm() : storage.setAlarm(alarmMs))
  }

  /** Without it, an object whose alarm the platform has lost would do none of its jobs until it ends. */
  #isLost(): boolean {
    return this.#alarmMs !== undefined && this.#alarmMs < this.#options.now() - lostMs
  }

  /** An alarm that cannot be stored would reset the object, and so fail the read that woke it. */
  #setAlarmLater(): void {
    if (this.#hasTimer) return
    this.#hasTimer = true
    setTimeout(() => {
      this.#hasTimer = false
      const refreshed = this.#options.space?.refresh() ?? Promise.resolve()
      void refreshed.then(() => this.#setAlarm())
    }, fullMs)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
