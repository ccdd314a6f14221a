// The visits of a person: when the present one began, and the one before it, since which changes are counted.

export interface Moment {
  readonly at: string
  /** The `seq` of the newest event of that time. */
  readonly seq: number
}

export interface Visits {
  readonly present: Moment
  /** Absent for a person who has been here once. */
  readonly before?: Moment | undefined
}

/** Pages that are opened within this time belong to one visit, in whatever tab and on whatever device. */
export const visitMs = 30 * 60_000

/** Whether the visit that is stored last still goes on. The clocks of two devices may differ, so a time ahead counts as its distance. */
export function goesOn({ present }: Visits, nowMs: number): boolean {
  return Math.abs(nowMs - Date.parse(present.at)) < visitMs
}

/** The visits once another one has begun. */
export function withVisit(visits: Visits | undefined, now: Moment): Visits {
  return { present: now, before: visits?.present }
}

/** The visits as the fields that are kept of them; undefined for what holds none. */
export function fieldsToVisits(fields: Readonly<Record<string, unknown>>): Visits | undefined {
  const present = momentOf(fields['at'], fields['seq'])
  return present === undefined ? undefined : { present, before: momentOf(fields['beforeAt'], fields['beforeSeq']) }
}

export function visitsToFields({ present, before }: Visits): Readonly<Record<string, string | number | null>> {
  return { ...present, beforeAt: before?.at ?? null, beforeSeq: before?.seq ?? null }
}

function momentOf(at: unknown, seq: unknown): Moment | undefined {
  return typeof at === 'string' && !Number.isNaN(Date.parse(at)) && typeof seq === 'number' ? { at, seq } : undefined
}
