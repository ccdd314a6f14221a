import type { ExpiringValues } from '@dotdo/service'
import { expect, test } from 'vitest'
import { dayEventsMax, IngestQuota, minuteEventsMax } from './ingest-quota.ts'

function world() {
  const kept = new Map<string, string>()
  const values = {
    get: (key: string) => (kept.has(key) ? { value: kept.get(key) } : undefined),
    put: ({ key, value }: { key: string; value: string }) => void kept.set(key, value),
  } as unknown as ExpiringValues // what the quota uses of them
  const clock = { ms: Date.UTC(2026, 0, 1) }
  const open = () => new IngestQuota({ values: () => values }, () => clock.ms)
  return { clock, open }
}

test('a tenant takes so many events in a minute, and what is refused counts nothing', () => {
  const { clock, open } = world()
  const quota = open()
  quota.take(minuteEventsMax - 1)
  expect(() => quota.take(2)).toThrow('in a minute')
  quota.take(1)
  expect(() => quota.take(1)).toThrow('in a minute')
  clock.ms += 60_000
  quota.take(1)
})

test('a tenant takes so many events in a day, which a restart does not begin again', () => {
  const { clock, open } = world()
  let quota = open()
  let taken = 0
  for (; taken + 100 <= dayEventsMax; taken += 100) {
    if (taken % 10_000 === 0) clock.ms += 60_000
    if (taken % 500_000 === 0) quota = open()
    if (taken % 10_000 === 0 && clock.ms >= Date.UTC(2026, 0, 2)) break
    quota.take(100)
  }
  expect(taken).toBe(dayEventsMax)
  clock.ms += 60_000
  expect(() => quota.take(1)).toThrow('in a day')
  expect(() => open().take(1)).toThrow('in a day')
  clock.ms += 86_400_000
  quota.take(1)
})
