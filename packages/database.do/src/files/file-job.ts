// Removes the bytes of files that no asset names any more, after a time in which the deletion of an asset can be undone, and of
// uploads that nobody has finished. Once a day it looks for bytes that the registry does not know.

import type { Job, ObjectParts, RetryRule } from '@dotdo/service'
import type { FileSweep } from './adopt-files.ts'
import type { FileRegistry } from './file-registry.ts'
import { removeBytes } from './stored-file.ts'

export class FileJob implements Job {
  readonly name = 'files'
  readonly clock = 'real'
  /** The values of services are swept in it, and a changed value wakes it. */
  readonly lane = 'requests'
  readonly freesSpace = true
  readonly retry: RetryRule = { firstMs: 1_000, factor: 4, maxMs: 3_600_000 }
  readonly #parts: Pick<ObjectParts, 'files'>
  readonly #registry: FileRegistry
  readonly #sweep: FileSweep

  constructor(parts: Pick<ObjectParts, 'files'>, registry: FileRegistry, sweep: FileSweep) {
    this.#parts = parts
    this.#registry = registry
    this.#sweep = sweep
  }

  dueMs(): number | undefined {
    const [next = Infinity, swept = Infinity] = [this.#registry.nextDueMs, this.#sweep.dueMs]
    return Math.min(next, swept) === Infinity ? undefined : Math.min(next, swept)
  }

  async step(nowMs: number): Promise<boolean> {
    const due = this.#registry.takeDue()
    if (due === undefined) {
      if (!((this.#sweep.dueMs ?? Infinity) <= nowMs)) return false
      await this.#sweep.step()
      return true
    }
    if (!due.isToRemove) return true
    const files = this.#parts.files()
    if (files !== undefined) await removeBytes(files, due.id)
    this.#registry.removed(due.id)
    return true
  }
}
