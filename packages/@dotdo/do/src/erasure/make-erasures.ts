// Composes the erasures of a tenant, and their job, which is the last of the files' lane.

import type { TenantLake } from '../flush/tenant-lake.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { EventsStore } from '../log/events-store.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { ErasedEntities } from '../state/erased-entities.ts'
import type { FullText } from '../state/full-text.ts'
import type { GramIndex } from '../state/gram-index.ts'
import type { PastValues } from '../state/past-values.ts'
import type { VectorIndex } from '../state/vector-index.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'
import type { Commits } from '../write/commits.ts'
import { ErasureJob } from './erasure-job.ts'
import { ErasureStore } from './erasure-store.ts'
import { Erasures } from './erasures.ts'
import { FileEraser } from './file-eraser.ts'

export interface ErasureParts {
  readonly storage: DurableObjectStorage
  readonly events: EventsStore
  readonly state: StorageHandler
  readonly catalog: TenantCatalog
  readonly meta: TenantMeta
  readonly erased: ErasedEntities
  readonly text: FullText
  readonly grams: GramIndex
  readonly vectors: VectorIndex
  readonly pastValues: PastValues
  readonly commits: Commits
  readonly lake: TenantLake | undefined
  readonly runner: JobRunner
  readonly makeId: (prefix: string, nowMs: number) => string
  readonly now: () => number
}

export function makeErasures(parts: ErasureParts): { readonly erasures: Erasures; readonly job: ErasureJob } {
  const { storage, lake, meta, grams, pastValues, runner, makeId, now } = parts
  const { sql } = storage
  const store = new ErasureStore(sql)
  const tenant = (): string => meta.get('tenant') ?? ''
  const files = lake === undefined ? undefined : new FileEraser({ ...lake.parts, sql, erasures: store, tenant })
  const forget = (): void => {
    grams.restart()
    pastValues.forget()
  }
  const job = new ErasureJob({ ...parts, sql, erasures: store, files, forget })
  const erasures = new Erasures({
    ...parts,
    sql,
    store,
    files: lake?.store,
    makeId: () => makeId('erasure', now()),
    changed: () => runner.reschedule(job.lane),
  })
  return { erasures, job }
}
