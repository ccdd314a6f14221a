// Generates long histories of everything that can happen to a tenant: writes of every kind, alarms, deployments, store
// faults and clock jumps. Whichever manifest readers have, its files hold the state as of its `seq`.

import {
  type FileCache,
  LruCache,
  type Manifest,
  manifestKey,
  MemoryObjectStore,
  type ObjectStore,
  parseManifest,
  Snapshot,
  StoreFault,
  filesOf,
} from '@dotdo/db'
import { type EntityFields, Noun, type NounSchema, parseFilter } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileRegex } from '../state/regex-engine.ts'
import { type Flushed, futureMs, inFlushedStore } from '../../test/flushed-store.ts'
import type { FlushSettings } from './flush-settings.ts'

/** Number of histories, and of steps in each. For a soak of an hour use 2,000 and 400. */
const histories = 5
const stepsMax = 70

const Maker = Noun('Maker', { name: 'string!', rank: 'number?#', robots: '<- Robot.maker[]' }).$schema
/** A Noun with nothing but what every entity has. */
const Blank = Noun('Blank', { note: 'string?' }).$schema
/** Definitions of one Noun. A deployment uses one of them, possibly an older one. */
const robots = [
  Noun('Robot', { name: 'string!', power: 'number?#', maker: '-> Maker.robots', tag: 'string?#' }),
  Noun('Robot', {
    name: 'string!',
    power: 'number?#',
    maker: '-> Maker.robots',
    tag: 'string?#',
    seenAt: 'datetime?#',
  }),
  Noun('Robot', { name: 'string!', power: 'string?#', maker: '-> Maker.robots', seenAt: 'datetime?#' }),
  Noun('Robot', {
    name: 'string!',
    power: 'string?',
    maker: '-> Maker.robots',
    seenAt: 'datetime?',
    deep: 'json?',
  }),
].map(({ $schema }) => $schema)
const schemasOf = (age: number): readonly NounSchema[] => [robots[Math.min(age, 3)] ?? Maker, Maker, Blank]

type Step =
  | {
      readonly kind: 'write'
      readonly verb: 'create' | 'update' | 'remove' | 'restore'
      readonly noun: number
      readonly at: number
      readonly value: number
    }
  | { readonly kind: 'burst'; readonly count: number }
  | { readonly kind: 'alarm' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'deploy'; readonly age: number }
  | { readonly kind: 'die'; readonly after: number }
  | { readonly kind: 'clock'; readonly ms: number }
  | { readonly kind: 'fault'; readonly after: number; readonly isDone: boolean; readonly calls: number }
  | { readonly kind: 'rebuild' }
  | { readonly kind: 'verify'; readonly count: number }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      verb: fc.constantFrom('create', 'create', 'update', 'update', 'remove', 'restore'),
      noun: fc.constantFrom(0, 0, 0, 1, 2),
      at: fc.nat(1_000),
      value: fc.nat(6),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('burst' as const), count: fc.integer({ min: 2, max: 12 }) }) },
  { weight: 12, arbitrary: fc.constant({ kind: 'alarm' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'drain' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deploy' as const), age: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('die' as const), after: fc.nat(14) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      ms: fc.constantFrom(1, 1_500, 6_000, 6_000, 4_000_000, 40 * 86_400_000, -3_600_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      after: fc.nat(12),
      isDone: fc.boolean(),
      calls: fc.constantFrom(1, 1, 2, 6),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'rebuild' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('verify' as const), count: fc.integer({ min: 1, max: 12 }) }) },
)

const anySettings: fc.Arbitrary<Partial<FlushSettings>> = fc.record({
  intervalMs: fc.constant(1_000),
  eventsMax: fc.constantFrom(3, 8, 40),
  graceMs: fc.constantFrom(1_000, 60_000),
  sealedEvents: fc.constantFrom(10, 15),
  keptEvents: fc.constantFrom(0, 5, 1_000),
  deltaRowsMin: fc.constantFrom(5, 12, 1_000),
  rowsPerStep: fc.constantFrom(1, 4, 1_000),
})

/** Fails some calls, which may or may not take effect, as with a dying process or an unreachable store. */
class UnsureStore implements ObjectStore {
  readonly inner = new MemoryObjectStore()
  fault: { after: number; readonly isDone: boolean; calls: number } | undefined

  get(...of: Parameters<ObjectStore['get']>): ReturnType<ObjectStore['get']> {
    return this.#call(() => this.inner.get(...of))
  }
  head(...of: Parameters<ObjectStore['head']>): ReturnType<ObjectStore['head']> {
    return this.#call(() => this.inner.head(...of))
  }
  stat(...of: Parameters<ObjectStore['stat']>): ReturnType<ObjectStore['stat']> {
    return this.#call(() => this.inner.stat(...of))
  }
  put(...of: Parameters<ObjectStore['put']>): ReturnType<ObjectStore['put']> {
    return this.#call(() => this.inner.put(...of))
  }
  delete(...of: Parameters<ObjectStore['delete']>): ReturnType<ObjectStore['delete']> {
    return this.#call(() => this.inner.delete(...of))
  }
  list(...of: Parameters<ObjectStore['list']>): ReturnType<ObjectStore['list']> {
    return this.#call(() => this.inner.list(...of))
  }
  sync(): ReturnType<ObjectStore['sync']> {
    return this.#call(() => this.inner.sync())
  }

  async #call<Result>(run: () => Promise<Result>): Promise<Result> {
    const { fault } = this
    if (fault === undefined || fault.after-- > 0) return run()
    if (--fault.calls <= 0) this.fault = undefined
    if (fault.isDone) await run()
    throw new StoreFault('unsure')
  }
}

interface Known {
  readonly id: string
  readonly noun: number
  isAlive: boolean
}

class History {
  readonly #files: UnsureStore
  readonly #known: Known[] = []
  #flushed: Flushed
  #age = 0
  #checked = ''
  #isDeployed = false
  #cache: FileCache = newCache()
  manifests = 0

  constructor(flushed: Flushed, files: UnsureStore) {
    this.#flushed = flushed
    this.#files = files
  }

  async step(step: Step): Promise<void> {
    const { store, lake, clock } = this.#flushed
    switch (step.kind) {
      case 'write':
        return this.#write(step)
      case 'burst':
        await Promise.all(
          Array.from({ length: step.count }, (_, value) =>
            this.#write({
              kind: 'write',
              verb: value % 3 === 2 ? 'update' : 'create',
              noun: 0,
              at: value,
              value: value % 7,
            }),
          ),
        )
        return
      case 'alarm':
        await this.#flushed.ring()
        return
      case 'drain':
        return ignoreFaults(this.#flushed.drain())
      case 'deploy':
        this.#age = step.age
        this.#isDeployed = true
        this.#flushed = this.#flushed.restart({ schemas: schemasOf(this.#age) })
        return
      case 'die':
        // Falls within a step or between two steps.
        this.#files.fault = { after: step.after, isDone: false, calls: Infinity }
        await this.#flushed.ring()
        this.#files.fault = undefined
        this.#flushed = this.#flushed.restart()
        return
      case 'clock':
        clock.ms += step.ms
        return
      case 'fault':
        this.#files.fault = { ...step }
        return
      case 'rebuild':
        return ignoreFaults(store.rebuild())
      case 'verify': {
        // With whatever is half done, while writes and an alarm run.
        this.#files.fault = undefined
        const isStale = (lake.state.read('stale') ?? []).length > 0
        const [{ faults }] = await Promise.all([store.verify(), this.#burst(step.count), this.#flushed.ring()])
        if (!isStale) expect(faults).toEqual([])
        return
      }
    }
  }

  async #burst(count: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, (_, at) =>
        this.#write({ kind: 'write', verb: at % 3 === 2 ? 'update' : 'create', noun: 0, at, value: at % 7 }),
      ),
    )
  }

  async #write({ verb, noun, at, value }: Extract<Step, { kind: 'write' }>): Promise<void> {
    const { create, update, remove, restore } = this.#flushed
    const schema = schemasOf(this.#age)[noun] ?? Maker
    if (verb === 'create') {
      const { row } = await create(this.#fieldsOf(schema, value), schema)
      this.#known.push({ id: row.target, noun, isAlive: true })
      return
    }
    const candidates = this.#known.filter((one) => one.noun === noun && one.isAlive === (verb !== 'restore'))
    const one = candidates[at % Math.max(candidates.length, 1)]
    if (one === undefined) return
    if (verb === 'update') return void (await update(one.id, this.#fieldsOf(schema, value), schema))
    one.isAlive = verb === 'restore'
    if (verb === 'remove') await remove(one.id, schema)
    else await restore(one.id, schema)
  }

  #fieldsOf(schema: NounSchema, value: number): EntityFields {
    const makers = this.#known.filter(({ noun, isAlive }) => noun === 1 && isAlive)
    const maker = makers[value % Math.max(makers.length, 1)]
    const all: Record<string, EntityFields[string] | undefined> = {
      name: `n${value}`,
      rank: value,
      power: this.#age < 2 ? value : `p${value}`,
      tag: value % 2 === 0 ? `t${value}` : undefined,
      maker: value < 4 ? maker?.id : undefined,
      seenAt: value % 3 === 0 ? `2026-01-0${value + 1}T00:00:00.000Z` : undefined,
      deep: value % 2 === 0 ? { value, of: [null, 'x'] } : undefined,
      note: value % 2 === 0 ? `note ${value}` : undefined,
    }
    return Object.fromEntries(
      Object.entries(all).flatMap(([name, own]) =>
        own === undefined || !Object.hasOwn(schema.fields, name) ? [] : [[name, own]],
      ),
    )
  }

  /** Checks that readers always see a state that was true. */
  async check(): Promise<void> {
    const bytes = await this.#files.inner.get(manifestKey('acme'))
    const text = bytes === undefined ? '' : new TextDecoder().decode(bytes)
    const key = `${text} ${this.#age}`
    if (bytes === undefined || key === this.#checked) return
    this.#checked = key
    this.manifests++
    const manifest = parseManifest(text, manifestKey('acme'))
    expectLayers(manifest)
    const { state: lake } = this.#flushed.lake
    // Files written by a program without a field are rewritten after a deployment, and from then on this always holds.
    this.#isDeployed &&= (lake.read('stale') ?? []).length > 0 || lake.manifest?.revision !== manifest.revision
    if (this.#isDeployed) return
    for (const schema of schemasOf(this.#age)) await this.#checkNoun(manifest, schema)
  }

  async #checkNoun(manifest: Manifest, schema: NounSchema): Promise<void> {
    const { state, events } = this.#flushed.store
    expect(manifest.seq).toBeLessThanOrEqual(events.head)
    const table = state.table(schema.name)
    if (table === undefined) throw new Error(`no table of ${schema.name}`)
    const ids = this.#known.filter(({ id }) => id.startsWith(`${schema.idPrefix}_`)).map(({ id }) => id)
    const expected = ids
      .flatMap((id) => state.getAsOf(table, id, manifest.seq) ?? [])
      .map((version) => {
        const { textSeq: _, ...row } = version
        return { ...row, isDeleted: false }
      })
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const lookup = (name: string) => schemasOf(this.#age).find((one) => one.name === name)
    const options = { store: this.#files.inner, manifest, cache: this.#cache, lookup, regex: compileRegex }
    const snapshot = new Snapshot(options)
    const find = (filter: object) =>
      snapshot.find(schema, {
        filter: parseFilter(filter, { schema, lookup }),
        sort: [],
        limit: 1_000,
        isCounted: true,
      })
    expect(await find({})).toEqual({ rows: expected, count: expected.length, isCut: false })
    const power = schemasOf(this.#age)[0] === robots[0] || schemasOf(this.#age)[0] === robots[1] ? [1, 2] : ['p1', 'p2']
    const wanted: readonly (readonly [string, readonly unknown[]])[] = [
      ['name', ['n3', 'back']],
      ['power', power],
      ['tag', ['t2']],
      ['rank', [3]],
      ['seenAt', ['2026-01-04T00:00:00.000Z']],
      ...this.#known.flatMap(({ id }) => (id.startsWith('maker_') ? [['maker', [id]] as const] : [])).slice(0, 3),
    ]
    for (const [field, values] of wanted) {
      if (!Object.hasOwn(schema.fields, field)) continue
      const rows = expected.filter(({ fields }) => values.includes(fields[field]))
      expect(await find({ [field]: { $in: values } })).toEqual({ rows, count: rows.length, isCut: false })
    }
  }

  /** At the end, without faults, everything is in the files and the tenant becomes idle. */
  async end(): Promise<void> {
    this.#files.fault = undefined
    const flushed = this.#flushed
    for (let rings = 0; (await flushed.ring()) !== undefined; rings++) {
      await this.check()
      expect(rings).toBeLessThan(400)
    }
    expect((await flushed.store.verify()).faults).toEqual([])
    expect(flushed.lake.manifests.current.seq).toBe(flushed.store.events.head)
    expect(flushed.storage.sql.exec('SELECT key FROM garbage').toArray()).toEqual([])
    await expectNoOrphans(flushed, this.#files)
  }
}

/** Checks the invariants that readers rely on. */
function expectLayers({ nouns, seq }: Manifest): void {
  for (const { base, deltas, baseSeq } of Object.values(nouns)) {
    for (const [at, file] of base.entries()) {
      expect(file.idMin <= file.idMax).toBe(true)
      expect(file.throughSeq).toBe(baseSeq)
      if (at > 0) expect((base[at - 1]?.idMax ?? '') < file.idMin).toBe(true)
    }
    let through = baseSeq
    for (const [at, { afterSeq, throughSeq }] of deltas.entries()) {
      // The next range, or another file of the same range.
      const before = deltas[at - 1]
      const isSame = before !== undefined && before.afterSeq === afterSeq && before.throughSeq === throughSeq
      if (!isSame) expect(afterSeq).toBeGreaterThanOrEqual(through)
      expect(throughSeq).toBeGreaterThan(afterSeq)
      expect(throughSeq).toBeLessThanOrEqual(seq)
      through = throughSeq
    }
  }
}

/** Checks that no file of entities or events is both unnamed and unregistered. */
async function expectNoOrphans({ lake, storage }: Flushed, files: UnsureStore): Promise<void> {
  const inTables = storage.sql.exec<{ key: string }>('SELECT key FROM lake_table_files').toArray()
  const named = new Set([...filesOf(lake.manifests.current), ...inTables.map(({ key }) => key)])
  const { objects } = await files.inner.list({ prefix: 'acme/robot/', limit: 1_000 })
  const keys = objects.map(({ key }) => key).filter((key) => !key.startsWith('acme/robot/metadata/'))
  expect(keys.filter((key) => !named.has(key))).toEqual([])
}

async function ignoreFaults(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error
  }
}

function newCache(): FileCache {
  return { files: new LruCache(2 ** 22), ids: new LruCache(2 ** 22) }
}

test('every published manifest holds the state as of its seq, and in the end the tenant is consistent and idle', () => {
  let manifests = 0
  return fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 10, maxLength: stepsMax, size: 'max' }),
      anySettings,
      async (steps, settings) => {
        const files = new UnsureStore()
        await inFlushedStore(
          async (flushed) => {
            const history = new History(flushed, files)
            await history.step({ kind: 'burst', count: 1 })
            for (const step of steps) {
              await history.step(step)
              await history.check()
            }
            await history.end()
            manifests += history.manifests
          },
          { files, settings, schemas: schemasOf(0), startMs: futureMs },
        )
      },
    ),
    { numRuns: histories },
  )
})
