// Background indexing of words for `$text`.

import { describe, expect, test } from 'vitest'
import { type Flushed, futureMs, inFlushedStore } from '../../test/flushed-store.ts'

async function createMany({ create }: Flushed, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, at) => create({ name: `r${at}` })))
}

describe('words', () => {
  test('of many events are indexed once writes have paused for a second', () =>
    inFlushedStore(
      async (flushed) => {
        const { clock, create, ring, storage } = flushed
        await createMany(flushed, 1_500)
        const writtenAtMs = clock.ms
        expect(await storage.getAlarm()).toBeLessThanOrEqual(writtenAtMs + 1_000)
        clock.ms += 900
        await create({ name: 'one more' })
        // The alarm fires too early, because of a later write.
        await ring()
        expect(flushed.parts.text.mark).toBe(0)
        expect(await ring()).toBe(writtenAtMs + 901 + 1_000)
        expect(flushed.parts.text.mark).toBe(1_501)
      },
      { startMs: futureMs, settings: { intervalMs: 3_600_000 } },
    ))

  test('of few events wait for a query', () =>
    inFlushedStore(
      async (flushed) => {
        await createMany(flushed, 1_000)
        await flushed.drain()
        await flushed.ring()
        expect(flushed.parts.text.mark).toBe(0)
      },
      { startMs: futureMs, settings: { graceMs: 1_000 } },
    ))

  test('are indexed after a restart, if the object died before indexing them', () =>
    inFlushedStore(
      async (flushed) => {
        await createMany(flushed, 1_200)
        const again = flushed.restart()
        await again.ring()
        expect(again.parts.text.mark).toBe(1_200)
      },
      { startMs: futureMs, settings: { intervalMs: 3_600_000 } },
    ))
})
