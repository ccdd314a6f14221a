// The part of a service that reads rows of files. The tenant's object imports them, in the order of the file.

import type { JsonValue, NounSchema } from 'digital-objects'

/** Rows of one commit of an import, so that other writes need not wait long, and rows that a dry run writes and rolls back. */
export const importStepRows = 250

export interface Importer {
  /** Returns the function that converts a staged row by the plan of its import. Throws an ObjectError for another plan. */
  readonly converter: (plan: JsonValue, noun: NounSchema) => (row: JsonValue) => ImportedRow | RefusedRow
}

export interface ImportedRow {
  /** The line in the file, or the number in a list, both counted from 1. */
  readonly line: number
  /** The fields of the entity, but for references. */
  readonly body: Readonly<Record<string, JsonValue>>
  /** The row's name in the program that wrote the file. */
  readonly name?: string
  /** The time at which it was created. */
  readonly at?: string
  readonly references: readonly RowReference[]
}

/** Texts that name other entities: ids, their names in the program that wrote the file, emails or names. */
export interface RowReference {
  readonly field: string
  readonly texts: readonly string[]
  readonly isMany: boolean
}

export interface RefusedRow {
  readonly line: number
  readonly fault: string
}

/** The members of a plan by which the tenant's object finds entities. */
export interface ImportFinding {
  /** The program that wrote the file, whose names are its own; empty if it is unknown. */
  readonly system: string
  /** The field whose value finds an existing entity, `$id` for the row's name, or null to create all. */
  readonly match: string | null
}
