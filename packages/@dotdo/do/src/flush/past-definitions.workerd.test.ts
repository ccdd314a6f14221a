// What becomes of files when a Noun's definition changes between two deployments.

import { LruCache, Snapshot } from '@dotdo/db'
import { Noun, type NounSchema } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { compileRegex } from '../regex-engine.ts'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'

const First = Noun('Robot', { name: 'string!', power: 'string?', seen: 'string?', old: 'string?#' }).$schema
/** `power` and `seen` are other fields now, `old` is gone, `fresh` is new. */
const Second = Noun('Robot', { name: 'string!', power: 'number?#', seen: 'datetime?', fresh: 'string?#' }).$schema
const fields = { power: 'much', seen: 'never', old: 'x' }

/** What readers find in the files, by name. */
async function inFiles({ files, flusher }: Flushed, schema: NounSchema): Promise<unknown> {
  const cache = { files: new LruCache<never>(0), ids: new LruCache<never>(0) }
  const snapshot = new Snapshot({
    store: files,
    manifest: flusher.manifest,
    cache,
    lookup: () => schema,
    regex: compileRegex,
  })
  const found = await snapshot.find(schema, { filter: { kind: 'and', of: [] }, sort: [], limit: 100, countMax: 100 })
  expect(found?.count).toBe(found?.rows.length)
  return Object.fromEntries((found?.rows ?? []).map((row) => [row.fields['name'], row.fields]))
}

describe('a definition that changes', () => {
  test('between a write and its flush does not hold up the flush', () =>
    inFlushedStore(
      async (first) => {
        await first.create({ name: 'a', ...fields }, First)
        const flushed = first.restart({ schemas: [Second] })
        await flushed.flusher.drain()
        expect(await inFiles(flushed, Second)).toEqual({ a: { name: 'a' } })
        expect((await flushed.store.verify()).faults).toEqual([])
      },
      { schemas: [First] },
    ))

  test('leaves every layer, however it is made again, as the state has it', () =>
    inFlushedStore(
      async (first) => {
        const ids: string[] = []
        for (const name of ['a', 'b', 'c', 'd', 'e']) {
          ids.push((await first.create({ name, ...fields }, First)).row.target)
          await first.flusher.drain()
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
        // Merges deltas of both definitions, and then rewrites the base.
        for (let round = 0; round < 4; round++) {
          await flushed.update(d, { power: round }, Second)
          await flushed.flusher.drain()
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
})
