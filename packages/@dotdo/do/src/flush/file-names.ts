// Names for new files, of which none is ever given twice: a put that was given up and arrives late then changes no file
// that anybody reads.

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

  /** A part of a file's key. It is partly random, since an object may be restored to an older state and count again. */
  next(): string {
    const { lake, meta, random } = this.#options
    const attempts = (lake.read('attempts') ?? 0) + 1
    lake.write('attempts', attempts)
    return `${meta.get('epoch')}-${attempts}-${Math.floor(random() * 36 ** 6).toString(36)}`
  }
}
