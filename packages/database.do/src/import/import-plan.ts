// The plan of an import: which column becomes what, in which formats. It is data, is shown before anything is imported, and is
// stored with the job that imports.

import type { ImportFinding } from '@dotdo/service'
import type { JsonValue } from 'digital-objects'
import type { TextFormats } from './cell-formats.ts'

export interface PlannedColumn {
  /** The column's place in a row. */
  readonly index: number
  readonly header: string
  /** `id`: the row's name in the file. `at`: the time at which it was created. `ignored`: no part of the entity. */
  readonly to: 'field' | 'id' | 'at' | 'metadata' | 'ignored'
  /** The field, or the key in the metadata. */
  readonly field?: string
  /** The way into a value of a JSON file: `['login']` of `user.login`. */
  readonly path?: readonly string[]
  /** Maps texts of the file, in lower case, to values of the field. */
  readonly values?: Readonly<Record<string, string>>
  readonly formats?: TextFormats
  /** The reason of the choice. */
  readonly by: 'choice' | 'name' | 'label' | 'synonym' | 'system' | 'none'
}

export interface ImportPlan extends ImportFinding {
  readonly noun: string
  readonly columns: readonly PlannedColumn[]
  /** Values that each row has, by field, of which no column is. */
  readonly values?: Readonly<Record<string, JsonValue>>
  /** The time at which all entities were created. */
  readonly at?: string
  /** Whether the entities keep the ids of the file. Else they get new ones, and the file's are their names in its program. */
  readonly ids?: 'keep'
  /** The zone of times without an offset. */
  readonly zone: string
  /** Whether the name is made of first and last name. */
  readonly composesName?: true
  /** Whether numbers become the type of their field, as a phone number of a spreadsheet becomes a text. */
  readonly convertsNumbers?: true
}

/** A decision that the file leaves open. The import is refused until the caller makes it. */
export interface ImportQuestion {
  /** The parameter that answers it: `dates`, `decimal`, `amounts` or `columns`. */
  readonly option: string
  readonly column?: string
  /** A field that is required, and that no column is. */
  readonly field?: string
  readonly message: string
}
