import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TimeBucket } from './aggregate.ts'
import { bucketOf } from './time-bucket.ts'
import { zoneOffsets } from './zone-offsets.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca']
const anyInstant = fc.integer({ min: Date.UTC(1960, 0), max: Date.UTC(2060, 0) })

/** The local day by the platform's calendar, which is another implementation. */
function localDay(zone: string, ms: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    ms,
  )
}

function bucketIn(zone: string, bucket: TimeBucket, ms: number): string | null {
  return bucketOf(bucket, ms + (zoneOffsets(zone)?.offsetAt(ms) ?? 0))
}

test('the day of an instant is the day on a calendar of the zone, also around changes of the clock', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), anyInstant, (zone, ms) => {
      const day = localDay(zone, ms)
      expect(bucketIn(zone, 'day', ms)).toBe(day)
      expect(bucketIn(zone, 'month', ms)).toBe(day.slice(0, 7))
      expect(bucketIn(zone, 'year', ms)).toBe(day.slice(0, 4))
    }),
    { numRuns: 300 },
  )
  // The hour that is skipped and the one that comes twice.
  for (const at of ['2026-03-29T00:59:59.999Z', '2026-03-29T01:00:00Z', '2026-10-25T00:59:59Z', '2026-10-25T23:00:00Z'])
    expect(bucketIn('Europe/Berlin', 'day', Date.parse(at))).toBe(localDay('Europe/Berlin', Date.parse(at)))
  expect(bucketIn('Europe/Berlin', 'day', Date.parse('2026-06-30T22:00:00Z'))).toBe('2026-07-01')
  expect(bucketIn('Europe/Berlin', 'day', Date.parse('2026-12-31T22:59:59.999Z'))).toBe('2026-12-31')
})

test('each transition of a zone is found to the second', () => {
  const { spans = [] } = zoneOffsets('America/New_York')?.table ?? {}
  const starts = spans.map(({ startMs }) => new Date(startMs).toISOString())
  expect(starts).toContain('2026-03-08T07:00:00.000Z')
  expect(starts).toContain('2026-11-01T06:00:00.000Z')
})

test('weeks begin on Monday and belong to the year of their Thursday', () => {
  const week = (date: string): string | null => bucketOf('week', Date.parse(`${date}T12:00:00Z`))
  expect(
    ['2026-01-01', '2025-12-29', '2025-12-28', '2027-01-03', '2027-01-04', '2020-12-31', '1969-12-31'].map(week),
  ).toEqual(['2026-W01', '2026-W01', '2025-W52', '2026-W53', '2027-W01', '2020-W53', '1970-W01'])
  fc.assert(
    fc.property(anyInstant, (ms) => {
      const monday = ms - ((new Date(ms).getUTCDay() + 6) % 7) * 86_400_000
      expect(bucketOf('week', ms)).toBe(bucketOf('week', monday))
      expect(bucketOf('week', ms)).not.toBe(bucketOf('week', monday - 86_400_000))
    }),
  )
})

test('quarters have three months, and times beyond the year 9999 have no bucket', () => {
  expect(
    ['01', '03', '04', '12'].map((month) => bucketOf('quarter', Date.parse(`2026-${month}-01T00:00:00Z`))),
  ).toEqual(['2026-Q1', '2026-Q1', '2026-Q2', '2026-Q4'])
  expect(bucketOf('day', Date.parse('9999-12-31T23:00:00Z') + 7_200_000)).toBeNull()
})

test('an unknown zone is none', () => {
  expect(zoneOffsets('Europe/Atlantis')).toBeUndefined()
})
