// Files when a Noun's definition changes between two deployments.

import { LruCache, Snapshot } from '@dotdo/db'
import { Noun, type NounSchema } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { compileRegex } from '../state/regex-engine.ts'
import { type Flushed, inFlushedStore, Maker } from '../../test/flushed-store.ts'

const First = Noun('Robot', { name: 'string!', power: 'string?', seen: 'string?', old: 'string?#' }).$schema
/** `power` and `seen` have changed their type, `old` was removed, `fresh` was added. */
const Second = Noun('Robot', { name: 'string!', power: 'number?#', seen: 'datetime?', fresh: 'string?#' }).$schema
const fields = { power: 'much', seen: 'never', old: 'x' }

/** Returns what readers find in the files, by name. */
async function inFiles({ files, lake }: Flushed, schema: NounSchema): Promise<unknown> {
  const cache = { files: new LruCache<never>(0), ids: new LruCache<never>(0) }
  const snapshot = new Snapshot({
    store: files,
    manifest: lake.manifests.current,
    cache,
    lookup: () => schema,
    regex: compileRegex,
  })
  const found = await snapshot.find(schema, { filter: { kind: 'and', of: [] }, sort: [], limit: 100, isCounted: true })
  expect(found?.count).toBe(found?.rows.length)
  return Object.fromEntries((found?.rows ?? []).map((row) => [row.fields['name'], row.fields]))
}

describe('a definition that changes', () => {
  test('between a write and its flush does not block the flush', () =>
    inFlushedStore(
      async (first) => {
        await first.create({ name: 'a', ...fields }, First)
        const flushed = first.restart({ schemas: [Second] })
        await flushed.drain()
        expect(await inFiles(flushed, Second)).toEqual({ a: { name: 'a' } })
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { schemas: [First] },
    ))

  test('leaves every layer, however it is rewritten, equal to the state', () =>
    inFlushedStore(
      async (first) => {
        const ids: string[] = []
        for (const name of ['a', 'b', 'c', 'd', 'e']) {
          ids.push((await first.create({ name, ...fields }, First)).row.target)
          await first.drain()
        }
        const [a = '', b = '', c = '', d = ''] = ids
        const flushed = first.restart({ schemas: [Second] })
        const expected = { a: { name: 'a' }, b: { name: 'b' }, c: { name: 'c' }, d: { name: 'd' }, e: { name: 'e' } }
        expect(await inFiles(flushed, Second)).toEqual(expected)
        expect((await flushed.store.verify()).faults).toEqual([])
        await flushed.update(a, { power: 3, seen: '2026-01-01T00:00:00.000Z', fresh: 'f' }, Second)
        await flushed.remove(b, Second)
        await flushed.remove(c, Second)
        await flushed.restore(c, Second)
        // Merges deltas of both definitions, then rewrites the base.
        for (let round = 0; round < 4; round++) {
          await flushed.update(d, { power: round }, Second)
          await flushed.drain()
        }
        const now = {
          a: { name: 'a', power: 3, seen: '2026-01-01T00:00:00.000Z', fresh: 'f' },
          back: { name: 'back' },
          d: { name: 'd', power: 3 },
          e: { name: 'e' },
        }
        expect(await inFiles(flushed, Second)).toEqual(now)
        expect((await flushed.store.verify()).faults).toEqual([])
        await flushed.store.rebuild()
        expect(await inFiles(flushed, Second)).toEqual(now)
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { schemas: [First], settings: { deltaRowsMin: 1_000 } },
    ))

  test('and changes back, or is changed back by an older program, leaves the files equal to the log', () =>
    inFlushedStore(
      async (first) => {
        const ids: string[] = []
        for (const name of ['a', 'b', 'c', 'd']) ids.push((await first.create({ name, ...fields }, First)).row.target)
        await first.drain()
        const [a = '', b = ''] = ids
        // Rewrites the base by a definition without `old` and with another `power`.
        const second = first.restart({ schemas: [Second] })
        for (let power = 0; power < 6; power++) {
          await second.update(a, { power, fresh: 'f' }, Second)
          await second.drain()
        }
        await second.update(b, { power: 7, fresh: 'f' }, Second)
        expect(second.lake.manifests.current.nouns['Robot']?.baseSeq).toBeGreaterThan(4)
        // The older program flushes what the newer one wrote last.
        const back = first.restart({ schemas: [First] })
        await back.drain()
        const then = { c: { name: 'c', ...fields }, d: { name: 'd', ...fields } }
        expect(await inFiles(back, First)).toEqual({ a: { name: 'a' }, b: { name: 'b' }, ...then })
        expect((await back.store.verify()).faults).toEqual([])
        const again = first.restart({ schemas: [Second] })
        await again.drain()
        expect(await inFiles(again, Second)).toEqual({
          a: { name: 'a', power: 5, fresh: 'f' },
          b: { name: 'b', power: 7, fresh: 'f' },
          c: { name: 'c' },
          d: { name: 'd' },
        })
        expect((await again.store.verify()).faults).toEqual([])
        const revision = again.lake.manifests.current.revision
        const same = again.restart()
        await same.drain()
        expect(same.lake.manifests.current.revision).toBe(revision)
        // A rebuild by one definition keeps the values of the other.
        await same.store.rebuild()
        const last = same.restart({ schemas: [First] })
        await last.drain()
        expect(await inFiles(last, First)).toEqual({ a: { name: 'a' }, b: { name: 'b' }, ...then })
        expect((await last.store.verify()).faults).toEqual([])
      },
      { schemas: [First], settings: { deltaRowsMin: 4 } },
    ))

  test('without a Noun skips its events, which are in the files once the Noun is known again', () =>
    inFlushedStore(
      async (first) => {
        await first.create({ name: 'a' }, First)
        await first.create({ name: 'Ada' }, Maker)
        await first.drain()
        await first.create({ name: 'b' }, First)
        const without = first.restart({ schemas: [Maker] })
        await without.create({ name: 'Bea' }, Maker)
        await without.drain()
        expect(without.lake.manifests.current.seq).toBe(4)
        const again = first.restart()
        await again.create({ name: 'c' }, First)
        await again.drain()
        expect(await inFiles(again, First)).toEqual({ a: { name: 'a' }, b: { name: 'b' }, c: { name: 'c' } })
        expect((await again.store.verify()).faults).toEqual([])
      },
      { schemas: [First, Maker] },
    ))
})
