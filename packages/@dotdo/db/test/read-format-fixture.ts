// Reads the fixture file of each format.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FileLayout } from '../src/parquet/file-writer.ts'

export interface Fixture {
  readonly content: Uint8Array<ArrayBuffer>
  /** The layout that the manifest recorded at the time. */
  readonly layout: FileLayout
}

export function fixturePath(format: number, extension: 'parquet' | 'json'): string {
  return join(import.meta.dirname, 'fixtures', `entity-file-${format}.${extension}`)
}

export function readFixture(format: number): Fixture {
  return {
    content: new Uint8Array(readFileSync(fixturePath(format, 'parquet'))),
    // written by `write-format-fixture.ts`
    layout: JSON.parse(readFileSync(fixturePath(format, 'json'), 'utf8')) as FileLayout,
  }
}
