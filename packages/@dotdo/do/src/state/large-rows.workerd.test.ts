// Pages of large entities, in a real SQLite: a page reads hardly more rows than it has.

import { matchAll } from 'digital-objects'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore, Robot } from '../../test/flushed-store.ts'
import { type FindPage, findVersions } from './find.ts'

const noteCharacters = 10_000
const charactersMax = 80_000
/** The largest page holds the entities whose characters fit. */
const fitting = Math.floor(charactersMax / (noteCharacters + 50))

test.each([1, 5, 25, 100])('a page of up to %d large entities reads few rows that it leaves out', (limit) =>
  inFlushedStore(async (flushed) => {
    const note = 'x'.repeat(noteCharacters)
    for (let at = 0; at < 40; at++) await flushed.create({ name: `robot ${at}`, notes: { note } })
    const expected = Math.min(limit, fitting)
    let cursor: string | undefined
    const ids: string[] = []
    for (let pages = 0; ; pages++) {
      const { rows, page } = read(flushed, { limit, cursor })
      ids.push(...page.versions.map(({ id }) => id))
      if (page.cursor !== null) expect(page.versions).toHaveLength(expected)
      // The first page does not know how large the rows are.
      expect(rows).toBeLessThanOrEqual(expected + (pages === 0 ? 4 : 2))
      if (page.cursor === null) break
      ;({ cursor } = page)
    }
    expect(new Set(ids).size).toBe(40)
  }),
)

interface Asked {
  readonly limit: number
  readonly cursor: string | undefined
}

function read(
  { store, storage }: Flushed,
  { limit, cursor }: Asked,
): { readonly rows: number; readonly page: FindPage } {
  const { state } = store
  let rows = 0
  const sql = new Proxy(storage.sql, {
    get: (target, name) => {
      if (name !== 'exec') return Reflect.get(target, name)
      return (text: string, ...parameters: SqlStorageValue[]) => {
        const read = [...target.exec(text, ...parameters).raw()]
        rows += read.length
        return { raw: () => read }
      }
    },
  })
  const page = findVersions({
    sql,
    table: state.tableOf(Robot),
    filter: matchAll,
    limit,
    ...(cursor === undefined ? {} : { cursor }),
    list: 'all',
    point: { seq: undefined, table: (noun) => state.table(noun), hasList: (name) => state.hasList(name) },
    matches: () => true,
    charactersMax,
  })
  return { rows, page }
}
