// Background indexing of words for `$text`.

import type { ObjectError } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { createMany, futureMs, inFlushedStore } from '../../test/flushed-store.ts'

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

describe('a search', () => {
  test('waits until the index has followed the log, step by step, and others run in between', () =>
    inFlushedStore(async (flushed) => {
      await createMany(flushed, 1_200)
      const { events } = flushed.store
      let others = 0
      const ticks = setInterval(() => others++, 0)
      const mark = await flushed.store.reading(() => {
        flushed.store.text.require(events.head)
        return flushed.parts.text.mark
      })
      clearInterval(ticks)
      expect(mark).toBe(1_200)
      expect(others).toBeGreaterThan(1)
    }))

  test('that would wait too long is refused with the progress, and a later one finds the index complete', () =>
    inFlushedStore(
      async (flushed) => {
        await createMany(flushed, 2_000)
        const { text } = flushed.parts
        const search = (): Promise<number> =>
          flushed.store.reading(() => {
            flushed.store.text.require(2_000)
            return text.mark
          })
        const refused = await search().catch((error: unknown) => error)
        expect(refused).toMatchObject({ code: 'overloaded', field: '$text', detail: { of: 2_000 } })
        const { indexed } = (refused as ObjectError).detail ?? {}
        expect(indexed).toBeGreaterThan(0)
        expect(indexed).toBeLessThan(2_000)
        expect((refused as ObjectError).message).toContain(`${String(indexed)} of 2000 events`)
        await text.follow(2_000)
        expect(await search()).toBe(2_000)
      },
      { slices: { wordsMs: 0 } },
    ))

  test('continues after a crash where the index was', () =>
    inFlushedStore(async (flushed) => {
      await createMany(flushed, 1_000)
      flushed.parts.text.step(1_000)
      const { mark } = flushed.parts.text
      expect(mark).toBeGreaterThan(0)
      const again = flushed.restart()
      expect(again.parts.text.mark).toBe(mark)
      await again.store.reading(() => again.store.text.require(1_000))
      expect(again.parts.text.mark).toBe(1_000)
    }))
})
