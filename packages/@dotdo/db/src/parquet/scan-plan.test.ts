import {
  type Entity,
  type EntityFields,
  type Filter,
  type JsonValue,
  matches,
  type MatchContext,
  Noun,
  parseFilter,
} from 'digital-objects'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { columnMap, columnsOf, CountingObjectStore, putEntityFile } from '../../test/entity-files.ts'
import { anyMs, anyRows, anyText, anyValue, storedFields } from '../../test/generated-entities.ts'
import type { Column } from './columns.ts'
import type { EntityRow } from './entity-row.ts'
import { type OpenFile, openFile } from './open-file.ts'
import { planScan, pruneByBloomFilters } from './scan-plan.ts'

const Thing = Noun('Thing', {
  name: 'string',
  code: 'string#',
  amount: 'number',
  score: 'number#',
  isOpen: 'boolean',
  isHot: 'boolean#',
  at: 'datetime',
  due: 'datetime#',
  day: 'date',
  born: 'date#',
  size: 'Small | Big',
  stage: 'Lead | Won | Lost',
  extra: 'json',
  website: 'url',
  parent: '-> Thing',
}).$schema
const columns = columnsOf(Thing)

function parse(input: object): Filter {
  return parseFilter(input, { schema: Thing, lookup: () => Thing })
}

function rowOf(at: number, fields: EntityFields): EntityRow {
  return {
    id: idOf(at),
    version: 1 + at,
    createdAtMs: Date.UTC(2026, 0, 1) + at * 1_000,
    createdBy: at < 20 ? 'ada' : 'grace',
    updatedAtMs: Date.UTC(2026, 0, 2),
    seq: at + 1,
    isDeleted: false,
    fields,
  }
}

function idOf(at: number): string {
  return `thing_${String(at).padStart(12, '0')}`
}

async function fileOf(
  rows: readonly EntityRow[],
  options: { readonly groupRows: number; readonly columns?: readonly Column[] },
): Promise<{ readonly file: OpenFile; readonly store: CountingObjectStore }> {
  const store = new CountingObjectStore()
  const ref = await putEntityFile({ store, columns, rows, ...options })
  return { file: await openFile(store, ref), store }
}

describe('a plan of four row groups', () => {
  let file: OpenFile
  let store: CountingObjectStore

  const long = 'x'.repeat(64)
  const names = [
    ['apple', 'banana'],
    [`${long}a`, `${long}c`],
    ['\uFFFD', '\uE000'],
    ['😀', '\u{10FFFF}'.repeat(20)],
  ]

  beforeAll(async () => {
    const rows = Array.from({ length: 40 }, (_, at) => {
      const group = Math.floor(at / 10)
      const month = String(group + 1).padStart(2, '0')
      const day = String((at % 10) + 1).padStart(2, '0')
      return rowOf(at, {
        name: names[group]?.[at % 2] ?? '',
        code: `code ${at}`,
        amount: group * 100 + (at % 10),
        score: at,
        isOpen: group < 2,
        at: `2026-${month}-${day}T10:00:00.000Z`,
        due: `2026-${month}-${day}T10:00:00.000Z`,
        day: `2026-${month}-${day}`,
        born: `2026-${month}-${day}`,
        stage: 'Lead',
        ...(group < 3 ? { size: group < 2 ? 'Small' : 'Big' } : {}),
        ...(group === 2 ? { website: 'https://example.com', extra: { a: 1 } } : {}),
        parent: idOf(39 - at),
      })
    })
    ;({ file, store } = await fileOf(rows, { groupRows: 10 }))
  })

  function planned(input: object): readonly [readonly number[], readonly string[]] {
    const plan = planScan(file, { filter: parse(input), columns: columnMap(columns) })
    return [plan.groups.map(({ index }) => index), plan.bloomColumns]
  }

  async function pruned(input: object): Promise<readonly number[]> {
    const options = { filter: parse(input), columns: columnMap(columns) }
    return (await pruneByBloomFilters(planScan(file, options), options)).map(({ index }) => index)
  }

  const cases: readonly (readonly [object, readonly number[], (readonly string[])?])[] = [
    [{}, [0, 1, 2, 3]],
    [{ $id: idOf(25) }, [2], ['$id']],
    [{ $id: 'thing_zzzzzzzzzzzz' }, []],
    [{ $id: { $in: [idOf(3), idOf(33)] } }, [0, 3], ['$id']],
    [{ $id: { $gte: idOf(10), $lt: idOf(20) } }, [1]],
    [{ $id: { $gt: idOf(9), $lte: idOf(19) } }, [1]],
    [{ $version: { $gt: 31 } }, [3]],
    [{ $createdBy: 'grace' }, [2, 3]],
    [{ $createdAt: { $lt: '2026-01-01T00:00:05+00:00' } }, [0]],
    // Numbers
    [{ amount: 105 }, [1]],
    [{ amount: 99 }, []],
    [{ amount: { $gte: 109, $lte: 200 } }, [1, 2]],
    [{ amount: { $lt: 0 } }, []],
    [{ amount: { $lt: -0 } }, []],
    [{ amount: { $lte: -0 } }, [0]],
    [{ amount: { $gt: 103, $lt: 300 } }, [1, 2]],
    [{ amount: { $gt: 109, $lt: 300 } }, [2]],
    [{ score: 15 }, [1], ['score']],
    // Timestamps and dates
    [{ at: '2026-02-03T12:00:00+02:00' }, [1]],
    [{ at: { $gte: '2026-03-01T00:00:00Z' } }, [2, 3]],
    [{ at: { $gte: '2027-01-01T00:00:00Z' } }, []],
    [{ due: '2026-02-03T10:00:00Z' }, [1], ['due']],
    [{ day: { $lte: '2026-01-31' } }, [0]],
    [{ day: '2026-02-11' }, []],
    [{ born: '2026-04-01' }, [3], ['born']],
    // Strings: bounds are truncated at 64 bytes and compared by code point
    [{ name: 'apple' }, [0]],
    [{ name: { $gt: 'avocado', $lt: 'z' } }, [0, 1]],
    [{ name: `${long}b` }, [1]],
    [{ name: long }, [1]],
    [{ name: `${'x'.repeat(63)}z` }, []],
    [{ name: { $gt: '\uFFFC' } }, [2, 3]],
    [{ name: { $gt: '\uFFFF' } }, [3]],
    [{ name: { $lt: '\uE000' } }, [0, 1]],
    [{ name: { $gt: '\u{10FFFE}' } }, [3]],
    [{ name: '\u{10FFFF}'.repeat(19) }, [3]],
    [{ name: '\u{10FFFF}'.repeat(21) }, []],
    [{ code: 'code 15' }, [0, 1], ['code']],
    // Enums and booleans
    [{ size: 'Small' }, [0, 1]],
    [{ size: { $in: ['Small', 'Big'] } }, [0, 1, 2]],
    [{ stage: 'Lead' }, [0, 1, 2, 3], ['stage']],
    [{ stage: 'Won' }, []],
    [{ isOpen: true }, [0, 1]],
    [{ isOpen: false }, [2, 3]],
    [{ isHot: true }, []],
    // Groups without any value
    [{ website: { $exists: true } }, [2]],
    [{ website: { $regex: 'example' } }, [2]],
    [{ website: { $ne: 'https://example.com' } }, [0, 1, 2, 3]],
    [{ website: null }, [0, 1, 2, 3]],
    [{ website: { $in: [null, 'https://example.com'] } }, [0, 1, 2, 3]],
    // JSON has no statistics
    [{ 'extra.a': 1 }, [0, 1, 2, 3]],
    [{ extra: 'a' }, [0, 1, 2, 3]],
    [{ extra: { $exists: true } }, [0, 1, 2, 3]],
    // Combinations
    [{ amount: { $gte: 100 }, size: 'Small' }, [1]],
    [{ $and: [{ amount: { $gte: 100 } }, { amount: { $lt: 100 } }] }, []],
    [{ $or: [{ amount: 5 }, { amount: 305 }] }, [0, 3]],
    [{ $or: [{ code: 'code 5' }, { score: 35 }] }, [0, 3], ['code', 'score']],
    [{ $or: [] }, []],
    [{ $not: { amount: 5 } }, [0, 1, 2, 3]],
    [{ $not: { code: 'code 5' } }, [0, 1, 2, 3]],
    [{ code: { $ne: 'code 5' }, amount: { $lt: 100 } }, [0]],
    [{ parent: idOf(0) }, [3], ['parent']],
    [{ $text: 'apple' }, [0, 1, 2, 3]],
  ]

  for (const [input, groups, bloomColumns = []] of cases)
    test(`${JSON.stringify(input)} reads groups [${groups.join()}], by bloom filters of [${bloomColumns.join()}]`, () => {
      expect(planned(input)).toEqual([groups, bloomColumns])
    })

  test('bloom filters rule out groups that statistics do not', async () => {
    expect(planned({ code: 'code 5x' })).toEqual([[0], ['code']])
    expect(await pruned({ code: 'code 5x' })).toEqual([])
    expect(await pruned({ code: 'code 15' })).toEqual([1])
    expect(await pruned({ score: 15.5 })).toEqual([])
    expect(await pruned({ score: -0 })).toEqual([0])
    expect(await pruned({ due: '2026-02-03T10:00:00Z' })).toEqual([1])
    expect(await pruned({ due: '2026-02-03T10:00:00.001Z' })).toEqual([])
    expect(await pruned({ born: '2026-02-10' })).toEqual([1])
    expect(await pruned({ $or: [{ code: 'code 5x' }, { amount: 205 }] })).toEqual([2])
    expect(await pruned({ $not: { code: 'code 5' } })).toEqual([0, 1, 2, 3])
    expect(await pruned({ code: { $in: ['code 15x', 'code 7', 'code 27'] } })).toEqual([0, 2])
  })

  test('a list with too many values is not looked up in bloom filters', async () => {
    const codes = Array.from({ length: 65 }, (_, at) => `code ${at}x`)
    expect(planned({ code: { $in: codes } })[1]).toEqual([])
    expect(planned({ code: { $in: codes.slice(1) } })[1]).toEqual(['code'])
    // A list that is too long does not affect the answer for another column.
    const both = { $or: [{ code: { $in: [...codes, 'code 5'] } }, { code: 'code 15' }] }
    expect(await pruned(both)).toEqual(expect.arrayContaining([0, 1]))
  })

  test('planning reads nothing', () => {
    store.forget()
    planned({ code: 'code 5' })
    expect(store.requests).toBe(0)
  })
})

describe('a file older than a column', () => {
  const older = columns.filter(({ name }) => !['amount', 'code', 'extra'].includes(name))

  async function planned(input: object): Promise<readonly number[]> {
    const { file } = await fileOf([rowOf(1, { name: 'a' }), rowOf(2, { name: 'b' })], { groupRows: 1, columns: older })
    const options = { filter: parse(input), columns: columnMap(columns) }
    return (await pruneByBloomFilters(planScan(file, options), options)).map(({ index }) => index)
  }

  test('has no value for it', async () => {
    expect(await planned({ amount: { $gt: 1 } })).toEqual([])
    expect(await planned({ code: 'a' })).toEqual([])
    expect(await planned({ code: { $exists: true } })).toEqual([])
    expect(await planned({ 'extra.a': null })).toEqual([])
    expect(await planned({ $or: [{ code: 'a' }, { name: 'b' }] })).toEqual([1])
  })

  test('matches filters for its absence', async () => {
    expect(await planned({ amount: null })).toEqual([0, 1])
    expect(await planned({ code: { $ne: 'a' } })).toEqual([0, 1])
    expect(await planned({ $not: { code: 'a' } })).toEqual([0, 1])
  })

  test('is read by column numbers, whatever the columns are called now', async () => {
    const { file } = await fileOf([rowOf(1, { name: 'a' }), rowOf(2, { name: 'b' })], { groupRows: 1 })
    const renamed = new Map(
      [...columnMap(columns)].map(([name, column]) => [name, column.name === 'code' ? columnOf('name') : column]),
    )
    const filter = parse({ code: 'b' })
    expect(planScan(file, { filter, columns: renamed }).groups.map(({ index }) => index)).toEqual([1])
  })
})

function columnOf(name: string): Column {
  const column = columns.find((candidate) => candidate.name === name)
  if (column === undefined) throw new Error(`no column ${name}`)
  return column
}

test('integers are found in bloom filters too', async () => {
  const indexed = columns.map((column) => (column.name === '$version' ? { ...column, isIndexed: true } : column))
  const rows = [1, 5, 2, 4].map((at) => rowOf(at, {})).map((row, at) => ({ ...row, id: idOf(at) }))
  const { file } = await fileOf(rows, { groupRows: 2, columns: indexed })
  const prune = async (version: number): Promise<readonly number[]> => {
    const options = { filter: parse({ $version: version }), columns: columnMap(indexed) }
    return (await pruneByBloomFilters(planScan(file, options), options)).map(({ index }) => index)
  }
  expect(await prune(6)).toEqual([0])
  expect(await prune(4)).toEqual([])
  expect(await prune(5)).toEqual([1])
})

test('an unknown column rules nothing out', async () => {
  const { file } = await fileOf([rowOf(1, { name: 'a' })], { groupRows: 1 })
  expect(planScan(file, { filter: parse({ name: 'b' }), columns: new Map() }).groups).toHaveLength(1)
})

describe('an omitted row group holds no match', () => {
  const context: MatchContext = {
    related: () => [],
    regex: (pattern, ignoreCase) => new RegExp(pattern, ignoreCase ? 'iu' : 'u'),
    searchable: Thing.searchable,
  }

  function toEntity(row: EntityRow): Entity {
    return {
      $type: 'Thing',
      $id: row.id,
      $context: 'http://localhost/~acme',
      $version: row.version,
      $createdAt: new Date(row.createdAtMs).toISOString(),
      $createdBy: row.createdBy,
      $updatedAt: new Date(row.updatedAtMs).toISOString(),
      ...row.fields,
    }
  }

  /** Comparisons with values from the rows and with others. */
  function anyFilter(rows: readonly EntityRow[], names: readonly string[]): fc.Arbitrary<object> {
    const valueOf = (name: string): fc.Arbitrary<JsonValue> => {
      const own = rows
        .map((row) => toEntity(row)[name])
        .filter((value) => value !== undefined && typeof value !== 'object')
      return own.length === 0 ? otherValue(name) : fc.oneof(fc.constantFrom(...own), otherValue(name))
    }
    const leaf = fc.constantFrom(...names).chain((name) => {
      const value = valueOf(name)
      const compared = fc
        .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), value)
        .map(([operator, operand]) => ({ [operator]: operand }))
      const listed = fc
        .tuple(fc.constantFrom('$in', '$nin'), fc.array(fc.oneof(value, fc.constant(null)), { maxLength: 70 }))
        .map(([operator, operand]) => ({ [operator]: operand }))
      const condition = fc.oneof(
        { weight: 5, arbitrary: compared },
        { weight: 2, arbitrary: listed },
        fc.tuple(value, value).map(([from, to]) => ({ $gte: from, $lte: to })),
        fc.constantFrom({ $exists: true }, { $exists: false }, { $eq: null }),
      )
      return fc.tuple(fc.constantFrom(name, ...(name === 'extra' ? ['extra.a', 'extra.a.b'] : [])), condition)
    })
    const { filter } = fc.letrec<{ filter: object }>((tie) => ({
      filter: fc.oneof(
        { depthSize: 'small' },
        leaf.map(([path, condition]) => ({ [path]: condition })),
        fc.constantFrom({ name: { $regex: 'a' } }, { $text: 'a' }),
        fc
          .tuple(fc.constantFrom('$and', '$or'), fc.array(tie('filter'), { maxLength: 3 }))
          .map(([kind, of]) => ({ [kind]: of })),
        tie('filter').map((of) => ({ $not: of })),
      ),
    }))
    return filter
  }

  function otherValue(name: string): fc.Arbitrary<JsonValue> {
    const field = storedFields(Thing).find((candidate) => candidate.name === name)
    if (field !== undefined)
      return field.kind === 'data' && field.type === 'json'
        ? fc.oneof(anyText, fc.integer(), fc.boolean())
        : anyValue(field)
    if (name === '$version') return fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    if (name === '$id') return fc.nat(100).map(idOf)
    return name.endsWith('At') ? anyMs.map((ms) => new Date(ms).toISOString()) : anyText
  }

  async function leftOut(options: {
    readonly rows: readonly EntityRow[]
    readonly input: object
    readonly groupRows: number
    readonly missing: readonly string[]
  }): Promise<number> {
    const { rows, input, groupRows, missing } = options
    // A field without a column in the file has no value in any of its rows.
    const present = columns.filter(({ name }) => !missing.includes(name))
    const own = rows.map((row) => ({
      ...row,
      fields: Object.fromEntries(Object.entries(row.fields).filter(([name]) => !missing.includes(name))),
    }))
    const { file } = await fileOf(own, { groupRows, columns: present })
    const scan = { filter: parse(input), columns: columnMap(columns) }
    const left = await pruneByBloomFilters(planScan(file, scan), scan)
    const out = file.groups.filter(({ index }) => !left.some((group) => group.index === index))
    for (const group of out) {
      const found = own
        .slice(group.rowStart, group.rowEnd)
        .filter((row) => matches(scan.filter, toEntity(row), context))
      expect(found).toEqual([])
    }
    return out.length
  }

  test.each([
    [
      'for any filter on any fields',
      [...storedFields(Thing).map(({ name }) => name), '$id', '$version', '$createdAt', '$createdBy', '$updatedAt'],
      160,
    ],
    ['for filters on strings, whose bounds are truncated', ['name', 'code', '$createdBy'], 120],
    ['for filters on numbers, timestamps and dates', ['amount', 'score', 'at', 'due', 'day', 'born'], 100],
  ] as const)('%s', async (_, names, numRuns) => {
    let total = 0
    const cases = anyRows(Thing, { min: 1, max: 12 }).chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        input: anyFilter(rows, names),
        groupRows: fc.integer({ min: 1, max: 4 }),
        missing: fc.subarray(['name', 'score', 'due', 'extra'], { maxLength: 2 }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(cases, async (options) => {
        total += await leftOut(options)
      }),
      { numRuns },
    )
    expect(total).toBeGreaterThan(numRuns / 4)
  })
})
