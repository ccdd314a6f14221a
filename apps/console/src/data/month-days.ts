// The days of a month as a calendar shows them: whole weeks from Monday to Sunday.

const dayMs = 86_400_000

/** Takes `2026-03`, and returns days such as `2026-02-23`, seven of each week. */
export function monthDays(month: string): readonly string[] {
  const first = Date.parse(`${month}-01T00:00:00Z`)
  const start = first - ((new Date(first).getUTCDay() + 6) % 7) * dayMs
  const next = new Date(first)
  next.setUTCMonth(next.getUTCMonth() + 1)
  const weeks = Math.ceil((next.getTime() - start) / (7 * dayMs))
  return Array.from({ length: weeks * 7 }, (_, at) => new Date(start + at * dayMs).toISOString().slice(0, 10))
}

export function monthAfter(month: string, step: number): string {
  const date = new Date(`${month}-01T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + step)
  return date.toISOString().slice(0, 7)
}
