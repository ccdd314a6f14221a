// The facts of a file once all of its rows were read.

import type { ColumnEvidence } from './column-evidence.ts'

export interface PlannedFile {
  readonly header: readonly string[]
  readonly evidence: readonly ColumnEvidence[]
  /** Whether the cells are texts that have to be read. */
  readonly isText: boolean
  /** Whether numbers may stand for texts, as in a spreadsheet, where a phone number is one. */
  readonly convertsNumbers?: boolean
  readonly delimiter?: string
}
