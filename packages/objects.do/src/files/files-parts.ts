// What a read over files gets, and what it gives.

import type { FileCache, Manifest, ObjectStore } from '@dotdo/db'
import { Snapshot } from '@dotdo/db'
import { compileRegex } from '@dotdo/do'
import type { NounLookup, NounSchema } from 'digital-objects'

export interface FilesParts {
  readonly store: ObjectStore
  readonly manifest: Manifest
  readonly cache: FileCache
}

/** With the tenant's Nouns. */
export interface FilesReadParts extends FilesParts {
  readonly lookup: NounLookup
  readonly schemas: () => readonly NounSchema[]
}

export interface FilesResult {
  readonly body: string
  /** The entity's `$version`, if the body is one whole entity. */
  readonly version?: number
}

export function openSnapshot({ store, manifest, cache, lookup }: FilesReadParts): Snapshot {
  return new Snapshot({ store, manifest, cache, lookup, regex: compileRegex })
}
