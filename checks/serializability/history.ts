// The history of concurrent programs: what each did and saw, and when it was called and answered. The tenant of a check has
// one Noun, `Slot { group, value, by }`.

export type Operation =
  | { readonly op: 'count'; readonly group: string; readonly count: number }
  /** All slots of a group, by id. */
  | { readonly op: 'list'; readonly group: string; readonly slots: readonly (readonly [id: string, value: number])[] }
  /** `value` is null if there is no such slot. */
  | { readonly op: 'get'; readonly id: string; readonly value: number | null }
  | { readonly op: 'create'; readonly group: string; readonly id: string; readonly value: number }
  | { readonly op: 'update'; readonly id: string; readonly value: number }
  | { readonly op: 'remove'; readonly id: string }

/** A program that was answered. Times are in microseconds of one clock. */
export interface Transaction {
  /** Its number, which its writes store in `by`. */
  readonly number: number
  readonly client: number
  readonly call: number
  readonly return: number
  /** The operations in order; empty for a program that failed, which must have had no effect. */
  readonly operations: readonly Operation[]
}

export interface History {
  readonly transactions: readonly Transaction[]
  /** Numbers of the programs that wrote something, in the order of the log. */
  readonly order: readonly number[]
  /** Programs by the code of their failure: `read_conflict`, `code_failed`, ... */
  readonly failures: Readonly<Record<string, number>>
  /** Runs of the code beyond the first of each program, since others had changed what it had read. */
  readonly retries: number
}
