import type { Filter } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CandidateSource, findCandidates } from './candidates.ts'

interface Row {
  readonly $id: string
  readonly manager: string
  readonly name: string
}

const letters = ['a', 'b', 'c', 'd']
const letter = fc.constantFrom(...letters)
const anyRows = fc.uniqueArray(fc.record({ $id: letter, manager: letter, name: letter }), {
  minLength: 1,
  selector: ({ $id }) => $id,
})

const leafOf = (field: fc.Arbitrary<string>): fc.Arbitrary<Filter> =>
  fc
    .tuple(field, fc.array(letter, { maxLength: 3 }))
    .map(([name, values]) => ({ kind: 'in', path: { steps: [], field: name, storage: 'text', keys: [] }, values }))

const filterOf = (field: fc.Arbitrary<string>): fc.Arbitrary<Filter> =>
  fc.letrec<{ filter: Filter }>((tie) => {
    const part = fc.array(tie('filter'), { minLength: 1, maxLength: 3 })
    return {
      filter: fc.oneof(
        { maxDepth: 3 },
        leafOf(field),
        fc.record({ kind: fc.constantFrom('and', 'or'), of: part }, { noNullPrototype: true }),
        tie('filter').map((of): Filter => ({ kind: 'not', of })),
      ),
    }
  }).filter

function isMatch(filter: Filter, row: Row): boolean {
  if (filter.kind === 'and') return filter.of.every((part) => isMatch(part, row))
  if (filter.kind === 'or') return filter.of.some((part) => isMatch(part, row))
  if (filter.kind === 'not') return !isMatch(filter.of, row)
  if (filter.kind !== 'in') throw new Error(`unexpected filter kind '${filter.kind}'`)
  const { field } = filter.path
  return filter.values.includes(field === '$id' ? row.$id : field === 'manager' ? row.manager : row.name)
}

/** An index of `manager` only. */
function sourceOf(rows: readonly Row[]): CandidateSource {
  return {
    referrers: async (field, ids) =>
      field === 'manager' ? new Set(rows.flatMap(({ manager }, at) => (ids.includes(manager) ? [at] : []))) : undefined,
  }
}

test('every match is a candidate, by row or by id', async () => {
  let left = 0
  const property = fc.asyncProperty(
    anyRows,
    filterOf(fc.constantFrom('$id', 'manager', 'name')),
    async (rows, filter) => {
      const candidates = await findCandidates(filter, sourceOf(rows))
      if (candidates === undefined) return
      for (const [at, row] of rows.entries()) {
        const isCandidate = candidates.rows.has(at) || candidates.ids.has(row.$id)
        if (!isCandidate) left++
        expect(isCandidate || !isMatch(filter, row)).toBe(true)
      }
    },
  )
  await fc.assert(property, { numRuns: 1_000 })
  expect(left).toBeGreaterThan(100)
})

test.each(['manager', '$id'])('for a filter on %s without negation, every candidate matches', async (field) => {
  const property = fc.asyncProperty(anyRows, filterOf(fc.constant(field)), async (rows, filter) => {
    fc.pre(!JSON.stringify(filter).includes('"not"'))
    const candidates = await findCandidates(filter, sourceOf(rows))
    const found = rows.filter(({ $id }, at) => candidates?.rows.has(at) === true || candidates?.ids.has($id) === true)
    expect(found).toEqual(rows.filter((row) => isMatch(filter, row)))
  })
  await fc.assert(property, { numRuns: 200 })
})
