// The job that performs writes beyond the limits of a commit in commits of some hundred changes. Each commit records the progress in its
// own transaction, so that a crash at any line neither repeats nor skips an entity.

import { type BulkWork, type Committing, isCommitTooLarge, type Job, type RetryRule, type TenantStore } from '@dotdo/do'
import { ObjectError } from 'digital-objects'
import { problemOf } from '../answers/problem.ts'
import { withCurrentAuthority } from '../writes/current-authority.ts'
import type { WriteAsked } from '../writes/write.ts'
import { mayPass, Refusals } from './bulk-refusals.ts'
import { bulkLane } from './bulk-request.ts'
import { idsByFilter } from './chosen-ids.ts'
import { type Item, ManyChanges } from './many-changes.ts'
import { isManyKind, type ManyRequest, parseMany } from './many-requests.ts'
import { importKind, ImportSteps } from './import-job.ts'
import type { ImportParts } from './import-row-writer.ts'
import { stepOfUndo, undoKind } from './undo-job.ts'

/** Limits the changes of one commit of a job, so that other writes need not wait long. */
const itemsPerStep = 200

/**
 * A step makes commits for this long. An alarm makes one step of each lane and waits for all of them, so a step of one commit
 * would wait for a flush each time. Other lanes wait for this long at most, and other writes pass between the commits.
 */
const stepMs = 250
/** Limits a step while the clock stands. */
const commitsPerStepMax = 100

/** The next items of a job, and where it continues after them. */
interface Step {
  readonly items: readonly Item[]
  readonly position: string
  readonly isLast: boolean
}

export type BulkJobsOptions = ImportParts

export class BulkJobs implements Job {
  readonly name = 'bulk'
  readonly clock = 'real'
  readonly lane = bulkLane
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 600_000, attemptsMax: 10 }
  readonly #options: BulkJobsOptions
  readonly #imports: ImportSteps

  constructor(options: BulkJobsOptions) {
    this.#options = options
    this.#imports = new ImportSteps(options)
  }

  dueMs(nowMs: number): number | undefined {
    return this.#options.requests.bulkJobs.hasOpen ? nowMs : undefined
  }

  async step(): Promise<boolean> {
    const { requests } = this.#options
    const untilMs = requests.realMs + stepMs
    let isDone = false
    for (let commits = 0; commits < commitsPerStepMax && (commits === 0 || requests.realMs < untilMs); commits++) {
      const work = requests.bulkJobs.next()
      if (work === undefined) break
      isDone = true
      await this.#commitOf(work)
    }
    return isDone
  }

  async #commitOf(work: BulkWork): Promise<void> {
    const { bulkJobs, realMs } = this.#options.requests
    try {
      await this.#stepOf(work)
    } catch (error) {
      // The whole job is refused, for example since its Noun has been removed.
      if (!(error instanceof ObjectError) || mayPass(error)) throw error
      const problem = problemOf(error.toData())
      const refusals = work.kind === undoKind ? [{ field: 'commits', status: problem.status, problem }] : []
      bulkJobs.fail(work.id, { message: error.message, refusals: JSON.stringify(refusals) }, realMs)
    }
  }

  #stepOf(work: BulkWork): Promise<void> {
    if (work.kind === undoKind) return stepOfUndo(this.#options, work)
    return work.kind === importKind ? this.#imports.step(work) : this.#perform(work)
  }

  async park(message: string): Promise<void> {
    const { bulkJobs, realMs } = this.#options.requests
    const work = bulkJobs.next()
    if (work !== undefined) bulkJobs.fail(work.id, { message }, realMs)
  }

  async #perform(work: BulkWork): Promise<void> {
    const stored = JSON.parse(work.request) as WriteAsked // stored when the job was started
    const asked = { ...stored, caller: withCurrentAuthority(stored.caller, this.#options.store()) }
    if (!isManyKind(work.kind)) throw new Error(`a job has a known kind, got '${work.kind}'`)
    const request = parseMany(work.kind, asked.call.body)
    const { tenant: name, context } = asked.caller
    for (let size = itemsPerStep; ; size = Math.ceil(size / 2)) {
      const step = await this.#next(work, { asked, request, size })
      try {
        await this.#options.store().commit((commit) => this.#commit(commit, { work, asked, request, step }), {
          tenant: { name, context },
        })
        return
      } catch (error) {
        if (!isCommitTooLarge(error) || size === 1) throw error
      }
    }
  }

  /** A choice by a filter is read in slices, in order of ids. */
  async #next(
    { position, noun }: BulkWork,
    { asked, request, size }: { readonly asked: WriteAsked; readonly request: ManyRequest; readonly size: number },
  ): Promise<Step> {
    if (request.items !== undefined) {
      const start = Number(position)
      const end = start + size
      return { items: request.items.slice(start, end), position: String(end), isLast: end >= request.items.length }
    }
    const { filter, body } = request
    const store = this.#options.store()
    const chosen = await store.reading((run) =>
      idsByFilter({ noun, filter, caller: asked.caller }, { store, run }, { after: position, limit: size }),
    )
    return {
      items: chosen.ids.map((id) => ({ field: id, id, body })),
      position: chosen.ids.at(-1) ?? position,
      isLast: !chosen.hasMore,
    }
  }

  #commit(
    commit: Committing,
    given: { readonly work: BulkWork; readonly asked: WriteAsked; readonly request: ManyRequest; readonly step: Step },
  ): null {
    const { work, asked, request, step } = given
    const { requests, calls } = this.#options
    const store = this.#options.store()
    const { kind } = work
    if (!isManyKind(kind)) throw new Error('the kind was checked')
    const changes = new ManyChanges(kind, { commit, parts: { store, calls }, caller: asked.caller, call: asked.call })
    const refusals = new Refusals(work)
    for (const item of this.#stillChosen(store, { work, asked, request, step })) {
      try {
        changes.perform(item)
      } catch (error) {
        if (!(error instanceof ObjectError) || isCommitTooLarge(error)) throw error
        refusals.add(item.field, { error, count: 1 })
      }
    }
    const { events } = store
    if (events.head >= commit.number) requests.bulkJobs.made(work.id, commit.number)
    const done = work.done + step.items.length
    const progress = { done, ...refusals.progress, position: step.position }
    requests.bulkJobs.advance(work.id, { ...progress, isFinished: step.isLast }, requests.realMs)
    if (step.isLast) requests.changed()
    return null
  }

  /** The entities that the filter still chooses. Other commits may have been made since it was read. */
  #stillChosen(
    store: TenantStore,
    given: { readonly work: BulkWork; readonly asked: WriteAsked; readonly request: ManyRequest; readonly step: Step },
  ): readonly Item[] {
    const { work, asked, request, step } = given
    if (request.items !== undefined || step.items.length === 0) return step.items
    const filter = { $and: [request.filter, { $id: { $in: step.items.map(({ field }) => field) } }] }
    const choice = { noun: work.noun, filter, caller: asked.caller }
    const { ids } = idsByFilter(choice, { store }, { limit: step.items.length })
    const chosen = new Set(ids)
    return step.items.filter(({ field }) => chosen.has(field))
  }
}
