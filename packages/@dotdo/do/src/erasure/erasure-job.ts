// Erases persons, one erasure after the other: first in log and state, some entities at a time, each group in one commit with
// its events; then what is stored for requests; then in files. It is in the lane of the files, so that no flush, rebuild or
// verification reads in between.

import { conjugate, type EntityFields, type Verb, withoutPersonal } from 'digital-objects'
import { filesLane, storeRetry } from '../flush/files-lane.ts'
import type { Job } from '../jobs/job.ts'
import type { Change } from '../write/change.ts'
import { type Committing, isCommitTooLarge } from '../write/commit.ts'
import type { Commits } from '../write/commits.ts'
import { type EraseParts, eraseEntity } from './erase-entity.ts'
import { eraseRequests } from './erase-requests.ts'
import {
  addRemoved,
  erasedMax,
  type ErasureEntity,
  type ErasureStore,
  type StoredErasure,
  tooManyErased,
} from './erasure-store.ts'
import type { FileEraser } from './file-eraser.ts'
import { personalReferrers } from './personal-referrers.ts'

export interface ErasureJobOptions extends EraseParts {
  readonly storage: DurableObjectStorage
  readonly erasures: ErasureStore
  readonly commits: Pick<Commits, 'work'>
  /** Absent without files. */
  readonly files: FileEraser | undefined
  readonly now: () => number
  /** Drops what is kept of values and indexes that cannot be erased one by one. */
  readonly forget: () => void
}

const entitiesPerCommit = 25

export class ErasureJob implements Job {
  readonly name = 'erasure'
  readonly clock = 'real'
  readonly lane = filesLane
  readonly retry = storeRetry
  readonly #options: ErasureJobOptions

  constructor(options: ErasureJobOptions) {
    this.#options = options
  }

  dueMs(nowMs: number): number | undefined {
    return this.#options.erasures.oldestOpen() === undefined ? undefined : nowMs
  }

  async step(): Promise<boolean> {
    const erasure = this.#options.erasures.oldestOpen()
    if (erasure === undefined) return false
    switch (erasure.stage) {
      case 'entities':
        await this.#eraseSome(erasure)
        return true
      case 'requests':
        return this.#eraseRequests(erasure)
      case 'files':
        await this.#eraseFiles(erasure)
        return true
      default:
        this.#options.erasures.update(erasure.id, { finishedMs: this.#options.now() })
        return true
    }
  }

  async #eraseSome(erasure: StoredErasure): Promise<void> {
    const { erasures, events: _, text, commits } = this.#options
    // Words that are not indexed yet would be indexed by the versions of then.
    await text.follow(Number.MAX_SAFE_INTEGER)
    const waiting = erasures.waiting(erasure.id, entitiesPerCommit)
    if (waiting.length === 0) return this.#finishEntities(erasure)
    const erase = (some: readonly ErasureEntity[]): Promise<unknown> =>
      commits.work((commit) => this.#eraseIn(commit, erasure, some), {})
    try {
      await erase(waiting)
    } catch (error) {
      if (!isCommitTooLarge(error) || waiting.length === 1) throw error
      await erase(waiting.slice(0, 1))
    }
  }

  #eraseIn(commit: Committing, erasure: StoredErasure, entities: readonly ErasureEntity[]): null {
    const { erasures, erased } = this.#options
    let { report } = erasures.find(erasure.id) ?? erasure
    for (const entity of entities) {
      const through = this.#writeEvent(commit, erasure, entity) ?? commit.number - 1
      erasures.erased(erasure.id, { id: entity.id, through })
      erased.reload()
      report = addRemoved(report, { noun: entity.noun, ...eraseEntity(this.#options, { ...entity, through }) })
    }
    const ids = entities.map(({ id }) => id)
    const referrers = personalReferrers(this.#options, { ids, limit: erasedMax + 1 })
    if (referrers.length > erasedMax) throw tooManyErased()
    erasures.addEntities(erasure.id, referrers)
    erasures.update(erasure.id, { report })
    return null
  }

  /** Returns the `seq` of the event; undefined if the entity does not live any more. */
  #writeEvent(commit: Committing, erasure: StoredErasure, { noun, id }: ErasureEntity): number | undefined {
    const { state, erased } = this.#options
    const table = state.table(noun)
    if (table === undefined || state.get(table, id) === undefined) return undefined
    const marks = erased.marksOf(noun)
    const change: Change = {
      schema: table.schema,
      verb: eraseVerb,
      kind: 'erase',
      target: id,
      actor: erasure.actor,
      via: 'job',
      causedBy: erasure.id,
      decide: ({ current = {} }): EntityFields => withoutPersonal(current, { marks, id }),
    }
    return commit.write(change).row.seq
  }

  async #finishEntities(erasure: StoredErasure): Promise<void> {
    const { id } = erasure
    const { erasures, storage, text, forget, files } = this.#options
    // Readers of files ask the object from here on, however long the next stage waits. A crash after it begins it again.
    await files?.begin(erasure)
    storage.transactionSync(() => {
      for (const noun of erasures.nouns(id)) text.purge(noun)
      forget()
      erasures.update(id, { stage: 'requests' })
    })
  }

  #eraseRequests({ id, report }: StoredErasure): boolean {
    const { erasures, storage, sql, files } = this.#options
    return storage.transactionSync(() => {
      const requests = eraseRequests(sql)
      if (requests === undefined) return false
      erasures.update(id, {
        stage: files === undefined ? 'done' : 'files',
        report: { ...report, requests: report.requests + requests },
      })
      return true
    })
  }

  async #eraseFiles(erasure: StoredErasure): Promise<void> {
    const { erasures, files, now } = this.#options
    const changed = await files?.step(erasure)
    if (changed === undefined) erasures.update(erasure.id, { stage: 'done', finishedMs: now() })
    else erasures.update(erasure.id, { report: { ...erasure.report, ...changed } })
  }
}

/** The verb of the system by which an entity loses its personal values; its event is `Erased`. */
const eraseVerb: Verb = makeEraseVerb()

function makeEraseVerb(): Verb {
  const { verb: name, ...forms } = conjugate('erase')
  return { name, ...forms, category: 'custom', effect: { sets: {} } }
}
