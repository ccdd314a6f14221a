// Definitions that change while a tenant is written to, restarted, flushed and rebuilt: reads of the present and of any
// earlier event agree with the log, by the definition of that time.

import { LruCache, Snapshot } from '@dotdo/db'
import {
  type EntityFields,
  type FieldTexts,
  makeNoun,
  matchAll,
  type NounSchema,
  ObjectError,
  reservedNounNames,
  schemaNoun,
  storageClassOf,
  storedFields,
} from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'
import { toVersion5 } from '../../test/to-version-5.ts'
import { checkDefinitionChange, checkNoEntities, checkReturn } from './definition-use.ts'
import { compileRegex } from './regex-engine.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

interface Known {
  /** The event of the change, and the new definition; undefined while the Noun does not exist. */
  readonly seq: number
  readonly schema: NounSchema | undefined
  /** The newest event of each entity, and the definition under which it was written. */
  readonly cars: ReadonlyMap<string, { readonly schema: NounSchema; readonly fields: EntityFields }>
}

type Step =
  | { readonly kind: 'define'; readonly fields: FieldTexts }
  | { readonly kind: 'undefine' }
  | { readonly kind: 'create' | 'update' | 'delete'; readonly pick: number }
  | { readonly kind: 'restart' | 'flush' | 'rebuild' }

const texts = ['string?', 'string?#', 'string?##', 'number?', 'number?#', 'boolean?', 'datetime?', 'json?', 'email?##']
const definition: fc.Arbitrary<FieldTexts> = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(...texts)), {
    selector: ([name]) => name,
    maxLength: 4,
  })
  .map((fields) => ({ name: 'string!', ...Object.fromEntries(fields) }))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: definition.map((fields): Step => ({ kind: 'define', fields })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'undefine' }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constantFrom('create', 'update', 'update', 'delete'), pick: fc.nat(1_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('restart', 'flush', 'rebuild') }) },
)

describe(`generated changes of definitions (seed ${seed})`, () => {
  test('every present and past state agrees with the log, by the definition of its time', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) =>
        inFlushedStore((flushed) => runSteps(flushed, steps), { schemas: [], settings: { deltaRowsMin: 4 } }),
      ),
      { seed, numRuns: 8 },
    ))
})

const refusalOf = (run: () => void): unknown => {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof ObjectError ? { field: error.field, count: error.detail?.['count'] } : error
  }
}

describe('a definition in use', () => {
  const before = {
    name: 'string!',
    mood: 'Calm | Busy',
    of: '-> Car | Garage',
    extra: 'json?',
    colours: '(Red | Blue)[]',
    others: '-> Car | Garage[]',
  }
  const cases: readonly (readonly [string, FieldTexts, unknown])[] = [
    ['nothing', before, undefined],
    ['a field with values', { name: 'string!', mood: 'Calm | Busy', others: before.others }, { field: 'of', count: 2 }],
    ['the type of a field with values', { ...before, mood: 'boolean?' }, { field: 'mood', count: 3 }],
    ['an enum value that entities have', { ...before, mood: 'Calm | Idle' }, { field: 'mood', count: 1 }],
    ['an enum value that none has', { ...before, mood: 'Calm | Busy | Idle' }, undefined],
    ['a Noun that is referred to', { ...before, of: '-> Car' }, { field: 'of', count: 1 }],
    ['a value of lists', { ...before, colours: '(Red | Green)[]' }, { field: 'colours', count: 1 }],
    ['a list', { ...before, colours: 'Red | Blue' }, { field: 'colours', count: 2 }],
    ['a Noun that lists refer to', { ...before, others: '-> Car[]' }, { field: 'others', count: 1 }],
    ['the right to be there twice', { ...before, name: 'string!##' }, { field: 'name', count: 1 }],
  ]

  test.each(cases)('cannot lose %s, and the error has the count', (_, fields, refusal) =>
    inFlushedStore(
      async (flushed) => {
        await flushed.create({ name: 'Garage', definition: { fields: { name: 'string' } } }, schemaNoun)
        await define(flushed, before)
        const { catalog, state, sql } = flushed.store
        const car = catalog.lookup('Car')
        const garage = catalog.lookup('Garage')
        if (car === undefined || garage === undefined) throw new Error('both are defined')
        const first = (await flushed.create({ name: 'a', mood: 'Calm', colours: ['Red', 'Blue'] }, car)).row.target
        const place = (await flushed.create({ name: 'g' }, garage)).row.target
        await flushed.create({ name: 'a', mood: 'Busy', of: first, colours: ['Red'], others: [first, place] }, car)
        await flushed.create({ name: 'b', mood: 'Calm', of: place, extra: { key: 'x' } }, car)
        const after = makeNoun('Car', { fields }).$schema
        expect(refusalOf(() => checkDefinitionChange({ sql, state }, car, after))).toEqual(refusal)
        expect(refusalOf(() => checkNoEntities({ sql, state }, car))).toEqual({ field: 'name', count: 3 })
      },
      { schemas: [] },
    ),
  )

  test('cannot make a path with duplicate values unique', () =>
    inFlushedStore(
      async (flushed) => {
        await define(flushed, before)
        const { catalog, state, sql } = flushed.store
        const car = catalog.lookup('Car')
        if (car === undefined) throw new Error('it is defined')
        const after = (path: string): NounSchema =>
          makeNoun('Car', { fields: before, indexes: [{ path, unique: true }] }).$schema
        for (const key of ['x', 'x', 'y'])
          await flushed.create({ name: 'a', mood: 'Calm', extra: { key, deep: { key } } }, car)
        const refused = (path: string): unknown =>
          refusalOf(() => checkDefinitionChange({ sql, state }, car, after(path)))
        expect(refused('extra.key')).toEqual({ field: 'extra.key', count: 1 })
        expect(refused('extra.deep.key')).toEqual({ field: 'extra.deep.key', count: 1 })
        expect(refused('extra.other')).toBe(undefined)
        // The index contains only strings and numbers, so other values may be there more than once.
        for (const other of [true, true, 1, { a: 1 }, { a: 1 }, [1], [1], '1'])
          await flushed.create({ name: 'a', mood: 'Calm', extra: { other } }, car)
        expect(refused('extra.other')).toBe(undefined)
        await flushed.create({ name: 'a', mood: 'Calm', extra: { other: 1.0 } }, car)
        expect(refused('extra.other')).toEqual({ field: 'extra.other', count: 1 })
      },
      { schemas: [] },
    ))

  test('can be restored after its removal only with the same spelling and storage classes', () =>
    inFlushedStore(
      async (flushed) => {
        await define(flushed, { name: 'string!', power: 'number?' })
        const car = flushed.store.catalog.lookup('Car')
        if (car === undefined) throw new Error('it is defined')
        const { target } = (await flushed.create({ name: 'a', power: 3 }, car)).row
        await flushed.remove(target, car)
        await undefine(flushed)
        const { state, sql } = flushed.store
        const refused = (name: string, fields: FieldTexts): unknown =>
          refusalOf(() => checkReturn({ sql, state }, makeNoun(name, { fields }).$schema))
        expect(refused('Car', { power: 'string?' })).toMatchObject({ field: 'power' })
        expect(refused('CAR', { power: 'number?' })).toMatchObject({ field: 'name' })
        expect(refused('Car', { power: 'number!#', name: 'email?', colour: 'string?' })).toBe(undefined)
      },
      { schemas: [] },
    ))
})

test('verify lists entities that a rule of today would refuse, and they are no faults', () =>
  inFlushedStore(
    async (flushed) => {
      await define(flushed, { name: 'string', seats: 'integer' })
      const { store } = flushed
      const car = store.catalog.lookup('Car')
      if (car === undefined) throw new Error('it is defined')
      const many = (await flushed.create({ name: 'a', seats: 99 }, car)).row.target
      await flushed.create({ name: 'a', seats: 4 }, car)
      for (const seats of [5, 6]) await flushed.create({ name: '+49 30 1', seats }, car)
      const nameless = (await flushed.create({ seats: 2 }, car)).row.target
      expect((await store.verify()).breaches).toEqual([])
      await define(flushed, { name: 'string!##', seats: 'integer(1..60)' })
      const { isWhole, breaches } = await store.verify()
      expect(isWhole).toBe(true)
      expect(breaches).toHaveLength(4)
      expect(breaches).toContainEqual(expect.stringMatching(new RegExp(`^'${many}': seats .*99`)))
      expect(breaches).toContain(`'${nameless}': name is required`)
      expect(breaches).toContain('Car.name "a" occurs 2 times')
      expect(breaches).toContain('Car.name "+49 30 1" occurs 2 times')
    },
    { schemas: [] },
  ))

test('emails from before the rule of one spelling are kept and listed, and nobody else gets one of them', () =>
  inFlushedStore(
    async (flushed) => {
      // A string field keeps any spelling, as emails did.
      await define(flushed, { mail: 'string##' })
      const before = flushed.store.catalog.lookup('Car')
      if (before === undefined) throw new Error('it is defined')
      const one = (await flushed.create({ mail: 'John@Example.com' }, before)).row.target
      const other = (await flushed.create({ mail: 'JOHN@example.com' }, before)).row.target
      await define(flushed, { mail: 'email##' })
      const { store } = flushed
      const car = store.catalog.lookup('Car')
      if (car === undefined) throw new Error('it is defined')
      const { isWhole, breaches } = await store.verify()
      expect([isWhole, breaches.toSorted()]).toEqual([
        true,
        [
          `'${one}': mail is spelled "John@Example.com", and will be "john@example.com" once it is written again`,
          `'${other}': mail is spelled "JOHN@example.com", and will be "john@example.com" once it is written again`,
        ].toSorted(),
      ])
      const taken = { code: 'conflict', field: 'mail' }
      await expect(flushed.create({ mail: 'john@example.com' }, car)).rejects.toMatchObject(taken)
      await flushed.remove(other, car)
      await expect(flushed.create({ mail: 'john@example.com' }, car)).rejects.toMatchObject(taken)
      await flushed.update(one, { mail: 'john@example.com' }, car)
      await expect(flushed.create({ mail: 'john@example.com' }, car)).rejects.toMatchObject(taken)
      expect((await store.verify()).breaches).toEqual([])
      // No old spelling is left, until one is restored.
      await define(flushed, { mail: 'email##', seats: 'integer?' })
      const now = flushed.store.catalog.lookup('Car')
      const verb = now?.verbs['update']
      if (now === undefined || verb === undefined) throw new Error('it is defined')
      await flushed.create({ mail: 'jane@example.com' }, now)
      const decide = (): EntityFields => ({ mail: 'JOHN@example.com' })
      await flushed.write({ schema: now, verb, kind: 'restore', target: other, decide })
      await flushed.remove(one, now)
      await expect(flushed.create({ mail: 'john@example.com' }, now)).rejects.toMatchObject(taken)
      const plan = store.sql.exec(
        `EXPLAIN QUERY PLAN SELECT "$id" FROM "Car" WHERE "mail:text" <> lower("mail:text") AND "mail:text" = 'a' COLLATE NOCASE`,
      )
      expect(JSON.stringify(plan.toArray())).toContain('old spelling')
      // A tenant of an earlier version has no such index.
      store.sql.exec('DROP INDEX "Car.mail:text old spelling"')
      toVersion5(store.sql)
      const { sql } = flushed.restart({ schemas: [] }).store
      const found = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'Car.mail:text old spelling'").toArray()
      expect(found).toHaveLength(1)
    },
    { schemas: [] },
  ))

test('a definition that a newer program cannot use is kept and listed, and everything else works', () =>
  inFlushedStore(
    async (first) => {
      await define(first, { name: 'string' })
      const car = first.store.catalog.lookup('Car')
      if (car === undefined) throw new Error('it is defined')
      const id = (await first.create({ name: 'a' }, car)).row.target
      await first.store.flush()
      const robot = makeNoun('Robot', { fields: { name: 'string' } }).$schema
      const newer = first.restart({ schemas: [makeNoun('CAR', { fields: { name: 'string' } }).$schema, robot] })
      expect(newer.store.catalog.lookup('Car')).toBe(undefined)
      await newer.create({ name: 'r' }, robot)
      await newer.store.flush()
      const { isWhole, breaches } = await newer.store.verify()
      expect([isWhole, breaches]).toEqual([true, [expect.stringContaining("a Noun 'CAR' already exists")]])
      const older = newer.restart({ schemas: [robot] })
      const again = older.store.catalog.lookup('Car')
      if (again === undefined) throw new Error('it is in use again')
      expect(older.store.state.get(older.store.state.tableOf(again), id)?.fields).toEqual({ name: 'a' })
      await older.store.flush()
      expect(await older.store.verify()).toMatchObject({ isWhole: true, breaches: [] })
    },
    { schemas: [] },
  ))

test('no Noun can have the name of a system table', () =>
  inFlushedStore(
    async (flushed) => {
      await define(flushed, { name: 'string' })
      const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '[_s][cq]*'"
      const tables = [...flushed.store.sql.exec<{ name: string }>(query)].map(({ name }) => name.toLowerCase())
      const reserved = new Set(reservedNounNames.map((name) => name.toLowerCase()))
      // No Noun has an underscore in its name.
      const own = tables.filter((name) => !name.startsWith('schema') && !name.includes('_'))
      expect(own).toContain('log')
      expect(own.filter((name) => !reserved.has(name))).toEqual([])
    },
    { schemas: [] },
  ))

async function runSteps(first: Flushed, steps: readonly Step[]): Promise<void> {
  let flushed = first
  const history: Known[] = [{ seq: 0, schema: undefined, cars: new Map() }]
  const note = (known: Omit<Known, 'seq'>): void => void history.push({ ...known, seq: flushed.store.events.head })
  let value = 0
  for (const one of steps) {
    const last = history.at(-1)
    const cars = last?.cars ?? new Map<string, never>()
    // An equal value, but another object after a restart.
    const schema = flushed.store.catalog.lookup('Car')
    expect(schema?.version).toBe(last?.schema?.version)
    switch (one.kind) {
      case 'define':
        await define(flushed, one.fields)
        note({ schema: flushed.store.catalog.lookup('Car'), cars })
        break
      case 'undefine':
        if (schema === undefined) break
        await undefine(flushed)
        note({ schema: undefined, cars })
        break
      case 'create': {
        if (schema === undefined) break
        const { row } = await flushed.create(valuesOf(schema, ++value), schema)
        note({ schema, cars: new Map(cars).set(row.target, { schema, fields: fieldsOf(row.data) }) })
        break
      }
      case 'update':
      case 'delete': {
        const id = [...cars.keys()][one.pick % Math.max(cars.size, 1)]
        if (schema === undefined || id === undefined) break
        const next = new Map(cars)
        if (one.kind === 'delete') {
          await flushed.remove(id, schema)
          next.delete(id)
        } else {
          const { row } = await flushed.update(id, valuesOf(schema, ++value), schema)
          next.set(id, { schema, fields: fieldsOf(row.data) })
        }
        note({ schema, cars: next })
        break
      }
      case 'restart':
        flushed = flushed.restart()
        break
      case 'flush':
        if (flushed.store.isReady) await flushed.store.flush()
        break
      case 'rebuild':
        if (flushed.store.isReady) await flushed.store.rebuild()
        break
      default:
        throw new Error('no such step')
    }
  }
  if (!flushed.store.isReady) return
  await expectHistory(flushed, history)
  await flushed.store.flush()
  await expectFiles(flushed, history.at(-1))
  await flushed.store.rebuild()
  await expectHistory(flushed, history)
  await expectFiles(flushed, history.at(-1))
}

async function expectHistory({ store }: Flushed, history: readonly Known[]): Promise<void> {
  const ids = [...new Set(history.flatMap(({ cars }) => [...cars.keys()]))]
  for (const { seq, schema, cars } of history) {
    const then = seq === 0 ? undefined : store.catalog.at(seq).lookup('Car')
    expect(then?.version).toBe(schema?.version)
    if (then === undefined) continue
    const table = store.state.tableOf(then)
    for (const id of ids)
      expect([seq, id, store.state.getAsOf(table, id, seq)?.fields]).toEqual([seq, id, seenBy(then, cars.get(id))])
  }
  expect((await store.verify()).faults).toEqual([])
}

/** Checks that the files contain the present state, by the last definition. */
async function expectFiles(flushed: Flushed, last: Known | undefined): Promise<void> {
  if (last?.schema === undefined) return
  const { schema, cars } = last
  const found = await new Snapshot({
    store: flushed.files,
    manifest: flushed.lake.manifests.current,
    cache: { files: new LruCache<never>(0), ids: new LruCache<never>(0) },
    lookup: () => schema,
    regex: compileRegex,
  }).find(schema, { filter: matchAll, sort: [], limit: 1_000, isCounted: true })
  expect(new Map(found?.rows.map(({ id, fields }) => [id, fields]))).toEqual(
    new Map([...cars].map(([id, car]) => [id, seenBy(schema, car)])),
  )
}

/** Returns the fields that a definition stores in the same way as the event's own definition. */
function seenBy(
  now: NounSchema,
  car: { readonly schema: NounSchema; readonly fields: EntityFields } | undefined,
): EntityFields | undefined {
  if (car === undefined) return undefined
  const classOf = (schema: NounSchema, name: string): string | undefined => {
    const field = storedFields(schema).find((one) => one.name === name)
    return field === undefined ? undefined : storageClassOf(field)
  }
  return Object.fromEntries(
    Object.entries(car.fields).filter(([name]) => classOf(now, name) === classOf(car.schema, name)),
  )
}

function define(flushed: Flushed, fields: FieldTexts): Promise<unknown> {
  const stored = idOfDefinition(flushed)
  const next = { name: 'Car', definition: { fields } }
  return stored === undefined ? flushed.create(next, schemaNoun) : flushed.update(stored, next, schemaNoun)
}

function undefine(flushed: Flushed): Promise<unknown> {
  return flushed.remove(idOfDefinition(flushed) ?? '', schemaNoun)
}

function idOfDefinition({ store }: Flushed): string | undefined {
  if (!store.state.hasTable('Schema')) return undefined
  return store.sql.exec<{ $id: string }>('SELECT "$id" FROM "Schema" WHERE "name:text" = ?', 'Car').toArray()[0]?.$id
}

/** Returns a new value for each field and call. */
function valuesOf(schema: NounSchema, value: number): EntityFields {
  const samples = {
    text: `v${value}`,
    real: value,
    boolean: value % 2 === 0,
    json: { value },
    date: '2026-01-01',
    'text[]': [`v${value}`],
    'real[]': [value],
  }
  return Object.fromEntries(
    storedFields(schema).map((field) => {
      const storage = storageClassOf(field)
      if (storage === 'time') return [field.name, new Date(Date.UTC(2026, 0, 1) + value).toISOString()]
      if (field.kind === 'data' && field.type === 'email') return [field.name, `v${value}@example.com`]
      return [field.name, samples[storage]]
    }),
  )
}

function fieldsOf(data: string): EntityFields {
  return Object.fromEntries(Object.entries(JSON.parse(data) as EntityFields).filter(([name]) => !name.startsWith('$')))
}
