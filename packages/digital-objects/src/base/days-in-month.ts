// The length of a calendar month.

/** The number of days in the month that `date` is in, in UTC. */
export function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
}
