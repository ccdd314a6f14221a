// The exports of another product, as data: how its files are recognized, and which column is which field.

export interface ImportSystem {
  readonly name: string
  readonly about: string
  readonly exports: readonly SystemExport[]
}

export interface SystemExport {
  readonly noun: string
  /** Headers that all its files have, by which it is recognized. */
  readonly headers: readonly string[]
  /** Maps headers to fields, `$id` (the row's name there) or `$at` (the time of creation). `user.login` is a way into JSON. */
  readonly columns: Readonly<Record<string, string>>
  /** Maps values in lower case to those of the field. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Whether amounts are in minor units. They are in units of the currency otherwise. */
  readonly hasMinorAmounts?: true
}
