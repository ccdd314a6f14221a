// Names for new files. No name is used twice, so a put that timed out and arrives late changes no file in use.

import type { TenantMeta } from '../log/tenant-meta.ts'
import type { LakeState } from './lake-state.ts'

export interface FileNamesOptions {
  readonly lake: LakeState
  readonly meta: TenantMeta
  readonly random: () => number
}

export class FileNames {
  readonly #options: FileNamesOptions

  constructor(options: FileNamesOptions) {
    this.#options = options
  }

  /**
   * Returns a part of a file's key. It is partly random, since an object restored to an older state repeats its
   * counter.
   */
  next(): string {
    const { lake, meta, random } = this.#options
    const attempts = (lake.read('attempts') ?? 0) + 1
    lake.write('attempts', attempts)
    return `${meta.get('epoch')}-${attempts}-${Math.floor(random() * 36 ** 6).toString(36)}`
  }
}
