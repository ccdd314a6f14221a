// A tenant's status: the amount of data, how far the files lag behind the log, and the pending work.

export interface Status {
  readonly $type: 'Status'
  readonly tenant: string
  readonly context: string
  /** The end of the log, in the form that answers carry. */
  readonly bookmark: string
  /** The number of events in the log, which is also the `seq` of the newest. */
  readonly events: number
  /** Timestamps of the oldest and the newest event; null if there are none. */
  readonly oldest: string | null
  readonly newest: string | null
  /** The number of live entities by type. Types without entities are left out. */
  readonly entities: Readonly<Record<string, number>>
  /** The last event in the files, their revision, and the number of events they lack; null if the tenant has no files. */
  readonly files: { readonly seq: number; readonly revision: number; readonly lagEvents: number } | null
  /**
   * The lead of the system's clock over the time that the server goes by, 0 unless it has jumped; and how far the newest
   * event is ahead of that time, 0 unless events were written while the clock was wrong.
   */
  readonly clock: { readonly offsetMs: number; readonly aheadMs: number }
  /** Work that commits have queued: pending, and given up after its last attempt. */
  readonly outbox: { readonly waiting: number; readonly parked: number }
  /** The tenant's background jobs; empty before the first write. */
  readonly jobs: readonly JobStatus[]
  /** The time of the metrics, which are there if they were requested. */
  readonly asOf?: string
  /** ISO 4217 code of amounts that name none, at the time of the status. */
  readonly currency: string
  /** The tenant's, in which its days, weeks and months begin. */
  readonly timeZone: string
  /** The values of all metrics by group: `revenue.mrr`, `support.tickets_open`. */
  readonly metrics?: Readonly<Record<string, Readonly<Record<string, number | null>>>>
  readonly alerts?: readonly Alert[]
}

/** A metric that needs attention. */
export interface Alert {
  /** The name of the metric, since there is one alert of each. */
  readonly id: string
  readonly type: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly metric: string
  readonly value: number
  readonly threshold: number
  readonly direction: 'above' | 'below'
  /** Names what to do about it: `escalate`, `collect`. */
  readonly action: string
  readonly message: string
  /** The time at which the metric crossed its limit, if that is known. */
  readonly since?: string
}

/** The status of one background job. */
export interface JobStatus {
  readonly name: string
  /** `waiting` until `next`; `due` if that has passed; `failing` if its last attempt failed. */
  readonly state: 'idle' | 'waiting' | 'due' | 'running' | 'failing'
  /** The time of its next step; null if none is planned. */
  readonly next: string | null
  /** The last error, the number of attempts that failed in a row, and the time of the next one; null without a failure. */
  readonly failure: { readonly message: string; readonly attempts: number; readonly nextTry: string } | null
  /** The number of work items that it has given up and set aside. */
  readonly parked: number
}
