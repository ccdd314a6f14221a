// Keeps the number of entity files small. One step merges some deltas or rewrites some files of a base.

import type { Job } from '../jobs/job.ts'
import type { EntityLayers } from './entity-layers.ts'
import type { FileNames } from './file-names.ts'
import { filesLane, storeRetry } from './files-lane.ts'
import type { LakeState } from './lake-state.ts'
import type { Manifests } from './manifests.ts'

export interface CompactionJobOptions {
  readonly lake: LakeState
  readonly layers: EntityLayers
  readonly manifests: Manifests
  readonly names: FileNames
  /** Whether changes wait for a flush, whose readers should not wait for a whole step. */
  readonly isFlushDue: () => boolean
}

export class CompactionJob implements Job {
  readonly name = 'compaction'
  readonly clock = 'real'
  readonly lane = filesLane
  readonly retry = storeRetry
  readonly #options: CompactionJobOptions

  constructor(options: CompactionJobOptions) {
    this.#options = options
  }

  dueMs(nowMs: number): number | undefined {
    const { layers, manifests } = this.#options
    return layers.due(manifests.current) === undefined ? undefined : nowMs
  }

  async step(): Promise<boolean> {
    const { lake, layers, manifests, names, isFlushDue } = this.#options
    layers.register()
    const due = layers.due(manifests.current)
    if (due === undefined) return false
    const manifest = layers.begin(manifests.current, due.kind === 'rewrite' ? [due.noun] : [])
    const progress = lake.read('compaction')
    const compacted = await layers.compact(manifest, { due, name: names.next(), progress, isFlushDue })
    if (compacted.kind === 'unfinished') {
      lake.goOn(compacted.progress)
    } else {
      await manifests.commit({ ...manifest, nouns: compacted.nouns }, () => {
        if (due.kind === 'rewrite') layers.rewrote(due.noun)
      })
    }
    return true
  }
}
