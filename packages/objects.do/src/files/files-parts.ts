// The inputs and the result of a read over files.

import type { FileCache, Manifest, ObjectStore } from '@dotdo/db'
import { Snapshot } from '@dotdo/db'
import { compileRegex } from '@dotdo/do'
import type { NounSchema } from 'digital-objects'
import type { VisibleNouns } from '../entities/visible-nouns.ts'

export interface FilesParts {
  readonly store: ObjectStore
  readonly manifest: Manifest
  readonly cache: FileCache
  /** The Nouns that every tenant of the server has. */
  readonly builtIn: readonly NounSchema[]
}

/** The inputs, with the tenant's Nouns as the caller sees them. */
export interface FilesReadParts extends FilesParts, VisibleNouns {}

export interface FilesResult {
  readonly body: string
  /** The entity's `$version`, if the body is one whole entity. */
  readonly version?: number
}

export function openSnapshot({ store, manifest, cache, wholeLookup, visibility }: FilesReadParts): Snapshot {
  const options = { store, manifest, cache, lookup: wholeLookup, regex: compileRegex }
  return new Snapshot(visibility.isFull ? options : { ...options, visibility })
}
