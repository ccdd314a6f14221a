import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entity } from './entity.ts'
import { changePages, type ListPages } from './list-pages.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f']

interface Model {
  readonly $id: string
  readonly $version: number
  readonly value: number
  readonly owner: string
}

const step = fc.record({
  id: fc.constantFrom(...ids),
  deletes: fc.boolean(),
  value: fc.integer({ min: 0, max: 9 }),
  owner: fc.constantFrom('x', 'y'),
})

const matches = ({ value }: Model): boolean => value < 8

function entityOf({ owner, ...row }: Model, includes: boolean): Entity {
  const meta = { $type: 'Deal', $createdAt: '', $updatedAt: '' }
  return { ...meta, ...row, owner: includes ? { $id: owner, name: owner.toUpperCase() } : owner }
}

/** Two rows a page, as the server would answer now. */
function read(state: ReadonlyMap<string, Model>, sort: string | undefined): ListPages {
  const all = [...state.values()].filter(matches)
  const rows = all.toSorted(
    (a, b) => (sort === undefined ? 0 : a.value - b.value) || ids.indexOf(a.$id) - ids.indexOf(b.$id),
  )
  const starts = rows.length === 0 ? [0] : rows.flatMap((_, at) => (at % 2 === 0 ? [at] : []))
  return {
    pageParams: starts.map(String),
    pages: starts.map((at) => ({
      rows: rows.slice(at, at + 2).map((row) => entityOf(row, true)),
      cursor: null,
      total: rows.length,
    })),
  }
}

const flat = ({ pages }: ListPages): unknown => [pages.flatMap(({ rows }) => rows), pages.map(({ total }) => total)[0]]

test('pages that follow changes have the rows that another read would have, or say that they are stale', () => {
  let followed = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.constantFrom(undefined, 'value'), (steps, sort) => {
      const state = new Map<string, Model>()
      let pages = read(state, sort)
      for (const { id, deletes, value, owner } of steps) {
        const before = state.get(id)
        const after = { $id: id, $version: (before?.$version ?? 0) + 1, value, owner }
        if (deletes) state.delete(id)
        else state.set(id, after)
        const was = before !== undefined && matches(before)
        const is = !deletes && matches(after)
        const row = entityOf(after, false)
        const change = {
          kind: 'change' as const,
          commit: 1,
          entered: is && !was ? [row] : [],
          changed: is && was ? [row] : [],
          left: was && !is ? [{ $id: id, $version: after.$version }] : [],
        }
        const next = changePages(pages, change, { sort, include: ['owner'] })
        // A change that was told before, or that an answer had already, does nothing.
        expect(flat(changePages(next.pages, change, { sort, include: ['owner'] }).pages)).toEqual(flat(next.pages))
        const fresh = read(state, sort)
        if (next.isStale) pages = fresh
        else {
          followed += 1
          pages = next.pages
          expect(flat(pages)).toEqual(flat(fresh))
        }
      }
    }),
  )
  expect(followed).toBeGreaterThan(100)
})
