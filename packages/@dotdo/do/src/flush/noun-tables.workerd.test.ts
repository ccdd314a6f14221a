// The Nouns' Iceberg tables: what a reader of the files alone finds in them is what the tenant has.

import { currentSnapshot, listDataFiles, MemoryObjectStore, readCurrentTable, type TableMetadata } from '@dotdo/db'
import { Noun } from 'digital-objects'
import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Flushed, inFlushedStore, Maker, Robot } from '../../test/flushed-store.ts'

const prefix = 'acme/robot'
const runs = Number(process.env['RUNS'] ?? 2)
const eager = { graceMs: 1_000, wholeRows: 0, deltaRowsMin: 25, rowsPerStep: 10, eventsMax: 30 }

async function tableOf(files: MemoryObjectStore): Promise<TableMetadata> {
  const hint = await files.get(`${prefix}/metadata/version-hint.text`)
  const version = Number(new TextDecoder().decode(hint))
  const metadata = await readCurrentTable(files, { prefix, version })
  if (metadata === undefined) throw new Error(`version ${version} is missing`)
  return metadata
}

async function readRows(files: MemoryObjectStore, path: string): Promise<readonly Record<string, unknown>[]> {
  const bytes = await files.get(path.replace('s3://lake/', ''))
  if (bytes === undefined) throw new Error(`${path} is missing`)
  return parquetReadObjects({ file: bytes.buffer, compressors: { GZIP: (page) => new Uint8Array(gunzipSync(page)) } })
}

/** Names and powers by id, of rows that no delete hides, read without any code of the tables. */
async function readTable(files: MemoryObjectStore, snapshotId?: number): Promise<ReadonlyMap<string, unknown>> {
  const metadata = await tableOf(files)
  const listed = await listDataFiles(files, { prefix, metadata, ...(snapshotId === undefined ? {} : { snapshotId }) })
  const hidden = new Set<string>()
  for (const { path } of listed.filter(({ content }) => content === 'deletes'))
    for (const { file_path, pos } of await readRows(files, path)) hidden.add(`${String(file_path)} ${String(pos)}`)
  const found = new Map<string, unknown>()
  for (const { path } of listed.filter(({ content }) => content === undefined)) {
    for (const [at, row] of (await readRows(files, path)).entries()) {
      if (hidden.has(`${path} ${at}`)) continue
      const id = String(row['$id'])
      expect(found.has(id), `${id} is there twice`).toBe(false)
      found.set(id, [row['name'], row['power'] ?? null])
    }
  }
  return found
}

type Step = readonly ['create' | 'update' | 'remove' | 'restore' | 'flush' | 'step' | 'restart', number]
const step = fc.tuple(
  fc.constantFrom('create', 'create', 'update', 'update', 'remove', 'restore', 'flush', 'step', 'step', 'restart'),
  fc.nat({ max: 1_000 }),
)

class Run {
  flushed: Flushed
  readonly robots = new Map<string, unknown>()
  readonly #ids: string[] = []
  readonly #removed: string[] = []

  constructor(flushed: Flushed) {
    this.flushed = flushed
  }

  async make([kind, number]: Step): Promise<void> {
    const { flushed } = this
    const id = this.#ids[number % Math.max(1, this.#ids.length)]
    flushed.clock.ms += 1_000
    if (kind === 'flush') await flushed.drain()
    else if (kind === 'step') await flushed.run()
    else if (kind === 'restart') this.flushed = flushed.restart()
    else if (kind === 'restore') return this.#restore()
    else if (kind === 'create') {
      const { row } = await flushed.create({ name: `n${number}` })
      this.#ids.push(row.target)
      this.robots.set(row.target, [`n${number}`, null])
    } else if (id !== undefined && this.robots.has(id)) {
      if (kind === 'remove') {
        await flushed.remove(id)
        this.#removed.push(id)
        this.robots.delete(id)
      } else {
        await flushed.update(id, { name: `u${number}`, power: number })
        this.robots.set(id, [`u${number}`, number])
      }
    }
  }

  async #restore(): Promise<void> {
    const id = this.#removed.pop()
    if (id === undefined) return
    const { row } = await this.flushed.restore(id)
    const { name, power } = JSON.parse(row.data)
    this.robots.set(id, [name, power ?? null])
  }
}

test(`a reader finds each living entity once, as it is, whatever happened before (${runs} runs)`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 30, maxLength: 120 }),
      fc.constantFrom(0, 0, 12),
      async (steps, wholeRows) => {
        const files = new MemoryObjectStore()
        await inFlushedStore(
          async (first) => {
            const run = new Run(first)
            await run.make(['create', 0])
            for (const one of steps) await run.make(one)
            await run.flushed.drain()
            expect(await readTable(files)).toEqual(run.robots)
            expect((await run.flushed.store.verify()).faults).toEqual([])
          },
          { files, settings: { ...eager, wholeRows } },
        )
      },
    ),
    { numRuns: runs, endOnFailure: true },
  )
})

describe('a table', () => {
  test('keeps the last snapshot of a day under its date, and others for the grace period', () => {
    const files = new MemoryObjectStore()
    return inFlushedStore(
      async ({ create, update, drain, clock }) => {
        clock.ms = Date.UTC(2026, 9, 20, 12)
        const { row } = await create({ name: 'first' })
        for (const power of [1, 2, 3]) {
          await update(row.target, { power })
          await drain()
        }
        clock.ms = Date.UTC(2026, 9, 21, 12)
        await update(row.target, { power: 4 })
        await drain()
        clock.ms += 700_000
        await drain()
        const metadata = await tableOf(files)
        expect(Object.keys(metadata.refs).toSorted()).toEqual(['2026-10-20', '2026-10-21', 'main'])
        expect(metadata.snapshots).toHaveLength(2)
        const yesterday = metadata.refs['2026-10-20']?.['snapshot-id'] ?? 0
        expect(await readTable(files, yesterday)).toEqual(new Map([[row.target, ['first', 3]]]))
        expect(currentSnapshot(metadata)?.summary).toMatchObject({ 'headlessly.seq': '5' })
      },
      { files, settings: eager },
    )
  })

  test('is a copy of a small Noun, beside a file under a fixed name, until the Noun is large', () => {
    const files = new MemoryObjectStore()
    return inFlushedStore(
      async ({ create, remove, drain }) => {
        const ids: string[] = []
        for (let at = 0; at < 4; at++) ids.push((await create({ name: `robot ${at}` })).row.target)
        await remove(ids[0] ?? '')
        await drain()
        const current = await readRows(files, 'acme/current/robot.parquet')
        expect(current.map(({ name }) => String(name)).toSorted()).toEqual(['robot 1', 'robot 2', 'robot 3'])
        expect(current.map((row) => row['$deleted'])).toEqual([false, false, false])
        for (let at = 4; at < 9; at++) await create({ name: `robot ${at}` })
        await drain()
        expect(await files.head('acme/current/robot.parquet')).toBeUndefined()
        expect((await readTable(files)).size).toBe(8)
      },
      { files, settings: { ...eager, wholeRows: 6 } },
    )
  })

  test('gets a column for a new field, and keeps the id of each column', () => {
    const files = new MemoryObjectStore()
    const Wider = Noun('Robot', { name: 'string!', tags: 'string[]', power: 'number?#' }).$schema
    return inFlushedStore(
      async (first) => {
        await first.create({ name: 'a', power: 1 })
        await first.drain()
        const before = (await tableOf(files)).schemas[0]?.fields ?? []
        const later = first.restart({ schemas: [Wider] })
        await later.create({ name: 'b', tags: ['x', 'y'] }, Wider)
        await later.drain()
        const metadata = await tableOf(files)
        const fields = metadata.schemas.find((one) => one['schema-id'] === metadata['current-schema-id'])?.fields ?? []
        const tags = fields.find(({ name }) => name === 'tags')
        expect(tags?.type).toMatchObject({ type: 'list', element: 'string', 'element-required': true })
        expect(before.some(({ id }) => id === tags?.id)).toBe(false)
        for (const name of ['$id', 'name', 'power'])
          expect(fields.find((field) => field.name === name)).toEqual(before.find((field) => field.name === name))
        expect((await readTable(files)).size).toBe(2)
      },
      { files, settings: eager, schemas: [Robot] },
    )
  })

  test('whose files cannot be written holds up no other, is named by the status, and follows once they can', () => {
    const files = new MemoryObjectStore()
    const put = files.put.bind(files)
    const isBroken = { value: true }
    files.put = (key, ...rest) =>
      isBroken.value && key.startsWith('acme/maker/metadata/')
        ? Promise.reject(new Error('no room'))
        : put(key, ...rest)
    const filesOf = async (table: string): Promise<number> =>
      (await files.list({ prefix: `acme/${table}/metadata/`, limit: 1_000 })).objects.length
    return inFlushedStore(
      async ({ create, run, store, parts, clock }) => {
        await create({ name: 'maker' }, Maker)
        await create({ name: 'a' })
        const runFor = async (seconds: number): Promise<void> => {
          for (let second = 0; second < seconds; second++) {
            clock.ms += 1_000
            for (let step = 0; step < 10; step++) await run()
          }
        }
        await runFor(120)
        expect([await filesOf('maker'), (await readTable(files)).size]).toEqual([0, 1])
        const statusOf = () => parts.runner.status().find(({ name }) => name === 'tables')
        expect(statusOf()?.failure?.message).toBe('no room')
        // The failing one is tried again and again, and a later change of the other still gets there.
        await create({ name: 'b' })
        await runFor(60)
        expect((await readTable(files)).size).toBe(2)
        isBroken.value = false
        await runFor(120)
        expect(await filesOf('maker')).toBeGreaterThan(0)
        expect(statusOf()?.failure).toBeNull()
        expect((await store.verify()).faults).toEqual([])
      },
      { files, settings: eager },
    )
  })

  test('that was lost, or whose paths name another folder, is made again from the manifest', () => {
    const files = new MemoryObjectStore()
    return inFlushedStore(
      async (first) => {
        const { row } = await first.create({ name: 'a' })
        await first.drain()
        const { objects } = await files.list({ prefix: `${prefix}/metadata/`, limit: 1_000 })
        await files.delete(objects.map(({ key }) => key))
        const later = first.restart()
        await later.update(row.target, { name: 'b' })
        await later.drain()
        expect(await readTable(files)).toEqual(new Map([[row.target, ['b', null]]]))
        expect((await later.store.verify()).faults).toEqual([])
      },
      { files, settings: eager },
    )
  })
})
