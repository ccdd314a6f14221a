// What a tenant is, in short: how much there is, how far its files are behind, and what work is owed.

export interface Status {
  readonly $type: 'Status'
  readonly tenant: string
  readonly context: string
  /** The newest point of the log, as answers carry it. */
  readonly bookmark: string
  /** Of the log: also the `seq` of the newest. */
  readonly events: number
  /** Moments of the first and the newest event; null where there is none. */
  readonly oldest: string | null
  readonly newest: string | null
  /** Those that live, by type; types that have none are left out. */
  readonly entities: Readonly<Record<string, number>>
  /** Up to which event the files are, which revision of them, and how many events they lack; null where none are kept. */
  readonly files: { readonly seq: number; readonly revision: number; readonly lagEvents: number } | null
  /** Work that commits owe: that will be done, and that was given up. */
  readonly outbox: { readonly waiting: number; readonly parked: number }
  /** What the tenant does later, job by job; empty before the first write. */
  readonly jobs: readonly JobStatus[]
}

/** A job: work that the tenant does later. */
export interface JobStatus {
  readonly name: string
  /** `waiting` until `next`; `due` if that has passed; `failing` if its last attempt failed. */
  readonly state: 'idle' | 'waiting' | 'due' | 'running' | 'failing'
  /** When its next step is to be made; null for never. */
  readonly next: string | null
  /** The last error, how many attempts in a row have failed, and when the next one is made; null if none has. */
  readonly failure: { readonly message: string; readonly attempts: number; readonly nextTry: string } | null
  /** How much work it has given up on and set aside. */
  readonly parked: number
}
