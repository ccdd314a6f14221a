// A tenant's clock, as `/clock` answers it.

export interface ClockState {
  /** The time that the clock shows. */
  readonly now: string
  /** Whether this is a test tenant, whose clock stands still unless it is advanced. */
  readonly isTest: boolean
  /** The time that the clock is being advanced to; null if it stands still or is the server's. */
  readonly advancingTo: string | null
  /** How many steps each job has made since the last advance was begun. */
  readonly ran: Readonly<Record<string, number>>
}
