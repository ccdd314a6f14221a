import { Noun, type NounSchema, parseFilter, parseSort } from 'digital-objects'
import { beforeAll, describe, expect, test } from 'vitest'
import { columnMap, columnsOf } from '../../test/entity-files.ts'
import { fileCache, putLayers } from '../../test/tenant-layers.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { LayerFiles } from './layer-files.ts'
import { type FilePlan, planLayers } from './layer-plan.ts'
import { type FindInFiles, isReadTogether, isUsefulUnit, needsRows, planList } from './list-plan.ts'

const schema: NounSchema = Noun('Reading', { value: 'number', note: 'string', other: 'string' }).$schema
const columns = columnMap(columnsOf(schema))
const options = { schema, columns, entities: 6 }

function request(filter: object, sort = '', more: Partial<FindInFiles> = {}): FindInFiles {
  return {
    filter: parseFilter(filter, { schema, lookup: () => schema }),
    sort: sort === '' ? [] : parseSort(sort, schema),
    limit: 2,
    isCounted: true,
    ...more,
  }
}

const names = (list: readonly { readonly name: string }[]): readonly string[] =>
  list.map(({ name }) => name).filter((name) => !name.startsWith('$'))

describe('the plan of a list over three row groups', () => {
  let planFiles: (wanted: FindInFiles) => Promise<readonly FilePlan[]>

  beforeAll(async () => {
    const store = new MemoryObjectStore()
    const rows = [10, 11, 50, 51, 30, 31].map((value, n) => ({
      id: `reading_00000000000${n}`,
      version: 1,
      createdAtMs: 0,
      createdBy: 'anonymous',
      updatedAtMs: 0,
      seq: n + 1,
      isDeleted: false,
      fields: { value, note: 'a', other: 'b' },
    }))
    const layers = await putLayers({
      store,
      schema,
      rows,
      layers: [{ afterSeq: 0, throughSeq: 6 }],
      shape: { groupRows: 2, groupsPerFile: 3 },
    })
    const files = new LayerFiles({ store, cache: fileCache() })
    planFiles = ({ filter }) => planLayers({ files, schema, layers, columns, filter })
  })

  const plan = async (wanted: FindInFiles) => planList(await planFiles(wanted), wanted, options)
  const order = async (wanted: FindInFiles) => (await plan(wanted)).units.map(({ group }) => group.index)

  test('reads first the row group that can hold the first row, in both directions and by id', async () => {
    expect(await order(request({ note: 'a' }, 'value'))).toEqual([0, 2, 1])
    expect(await order(request({ note: 'a' }, '-value'))).toEqual([1, 2, 0])
    expect(await order(request({ note: 'a' }))).toEqual([0, 1, 2])
  })

  test('scans the columns of the filter and the sort, and returns those that were asked for', async () => {
    const found = await plan(request({ note: 'a' }, 'value', { fields: ['other'] }))
    expect(names(found.scanColumns)).toEqual(['value', 'note'])
    expect(names(found.resultColumns)).toEqual(['other'])
    expect(found.isEager).toBe(false)
  })

  test('reads all columns at once if the filter leaves one row group or few ids', async () => {
    const one = await plan(request({ value: { $gte: 50 } }, 'value'))
    expect([one.units.length, one.isEager]).toEqual([1, true])
    const ids = ['reading_000000000000', 'reading_000000000004']
    const few = await plan(request({ $id: { $in: ids } }))
    expect([few.units.length, few.isEager]).toEqual([2, true])
    expect(names(few.scanColumns)).toEqual(['value', 'note', 'other'])
  })

  test('skips a row group that stands after a full list, or before its start', async () => {
    const found = await plan(request({ note: 'a' }, 'value'))
    const useful = (last?: number, after?: number) =>
      found.units
        .filter((unit) =>
          isUsefulUnit(unit, {
            plan: found,
            limit: 2,
            last: last === undefined ? undefined : { values: [last], id: 'reading_000000000009' },
            after: after === undefined ? undefined : { values: [after], id: 'reading_000000000000' },
          }),
        )
        .map(({ group }) => group.index)
    expect(useful()).toEqual([0, 2, 1])
    expect(useful(11)).toEqual([0])
    expect(useful(30)).toEqual([0, 2])
    expect(useful(undefined, 31)).toEqual([2, 1])
  })

  test('reads the next row group with the first one only if the list may need it', async () => {
    const together = async (wanted: FindInFiles): Promise<boolean> => {
      const found = await plan(wanted)
      const [first, next] = found.units
      if (first === undefined || next === undefined) throw new Error('expected several row groups')
      return isReadTogether([first], next, { plan: found, limit: wanted.limit })
    }
    expect(await together(request({}, 'value', { limit: 2 }))).toBe(false)
    expect(await together(request({}, 'value', { limit: 3 })), 'the first has two rows').toBe(true)
    expect(await together(request({}, 'note', { limit: 2 })), 'their values overlap').toBe(true)
    expect(await together(request({ note: 'a' }, 'value', { limit: 2 })), 'rows may not match').toBe(true)
    expect(await together(request({ note: 'a' }, 'value', { limit: 2, isCounted: false }))).toBe(true)
  })
})

test('a list of all entities knows its count without reading', () => {
  const all = request({}, '', { limit: 0 })
  expect(needsRows(all)).toBe(false)
  expect(planList([], all, options)).toMatchObject({ units: [], isCounted: false, countStart: 6 })
  expect(needsRows(request({ value: 1 }, '', { limit: 0 }))).toBe(true)
  expect(needsRows(request({ value: 1 }, '', { limit: 0, isCounted: false }))).toBe(false)
})
