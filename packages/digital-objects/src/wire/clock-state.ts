// A tenant's clock, as `/clock` answers it.

export interface ClockState {
  /** The time that the clock shows. */
  readonly now: string
  /** Whether this is a test tenant, whose clock stands still unless it is advanced. */
  readonly isTest: boolean
  /** The time to which the clock is being advanced; null if it is not being advanced, or is the server's clock. */
  readonly advancingTo: string | null
  /** The number of steps that each job has made since the start of the last advance. */
  readonly ran: Readonly<Record<string, number>>
}
