// The log stores less than an event. Generated histories are read back and compared, byte for byte, with the events as the
// writes made them: by every read, after restarts, changed definitions, archiving and a rebuild.

import { type JsonValue, Noun, type NounSchema } from 'digital-objects'
import { seededRandom } from '@dotdo/db'
import { expect, test } from 'vitest'
import { type Flushed, futureMs, inFlushedStore } from '../../test/flushed-store.ts'
import type { Change } from '../write/change.ts'
import { type LogRow, logRowToText } from './log-row.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const runs = Number(process.env['RUNS'] ?? 4)

const fields = {
  name: 'string!',
  seats: 'integer?',
  price: 'number?#',
  isOpen: 'boolean?',
  openedAt: 'datetime?',
  day: 'date?',
  notes: 'json?',
  tags: 'string[]#',
  text: 'text?',
} as const
/** Definitions that follow one another: a field is added, removed, brought back in another order, and changes its type. */
const definitions: readonly NounSchema[] = [
  Noun('Cafe', fields).$schema,
  Noun('Cafe', { ...fields, owner: 'string?' }).$schema,
  Noun('Cafe', { owner: 'string?', name: 'string!', notes: 'json?', price: 'number?#', tags: 'string[]#' }).$schema,
  Noun('Cafe', { ...fields, price: 'string?' }).$schema,
]

type Random = () => number

const texts = ['', 'Ada', 'é "quoted" \\', '𝔘\u2028', 'x'.repeat(300)] as const

function jsonOf(random: Random, depth = 0): JsonValue {
  const pick = Math.floor(random() * (depth > 2 ? 5 : 8))
  if (pick === 0) return null
  if (pick === 1) return random() < 0.5
  if (pick === 2) return [0, 1, -1.5, 1e21, 5e-324, 0.1][Math.floor(random() * 6)] as number
  if (pick <= 4) return texts[Math.floor(random() * texts.length)] as string
  if (pick === 5) return Array.from({ length: Math.floor(random() * 4) }, () => jsonOf(random, depth + 1))
  const entries = Array.from({ length: Math.floor(random() * 4) }, () => [
    ['b', 'a', '10', '2', 'é', 'toString'][Math.floor(random() * 6)] as string,
    jsonOf(random, depth + 1),
  ])
  return Object.fromEntries(entries) as JsonValue
}

const values: Readonly<Record<string, (random: Random) => JsonValue>> = {
  name: (random) => texts[1 + Math.floor(random() * 4)] as string,
  owner: (random) => texts[Math.floor(random() * 5)] as string,
  text: (random) => texts[Math.floor(random() * 5)] as string,
  seats: (random) => Math.floor(random() * 5) - 2,
  price: (random) => [0, 1.5, -3, 1e100][Math.floor(random() * 4)] as number,
  isOpen: (random) => random() < 0.5,
  openedAt: (random) => new Date(Math.floor(random() * 4e12)).toISOString(),
  day: (random) => new Date(Math.floor(random() * 4e12)).toISOString().slice(0, 10),
  // A field that is null has no value; inside, null is a value.
  notes: (random) => jsonOf(random) ?? [null],
  tags: (random) => Array.from({ length: 1 + Math.floor(random() * 3) }, () => `tag ${Math.floor(random() * 4)}`),
}

function valueOf(schema: NounSchema, name: string, random: Random): JsonValue {
  const field = schema.fields[name]
  const isText = name === 'price' && field?.kind === 'data' && field.type === 'string'
  return isText ? 'dear' : (values[name]?.(random) ?? null)
}

function history(flushed: Flushed, random: Random): History {
  return new History(flushed, random)
}

class History {
  readonly rows: LogRow[] = []
  readonly #random: Random
  readonly #live: string[] = []
  readonly #deleted: string[] = []
  flushed: Flushed
  #definition = 0

  constructor(flushed: Flushed, random: Random) {
    this.flushed = flushed
    this.#random = random
  }

  get #schema(): NounSchema {
    return definitions[this.#definition] as NounSchema
  }

  async step(): Promise<void> {
    if (this.rows.length === 0) return this.#create()
    const pick = this.#random()
    // Another definition is used after a restart, which follows.
    if (pick < 0.02) this.#definition = Math.floor(this.#random() * definitions.length)
    if (pick < 0.05) this.flushed = this.flushed.restart({ schemas: [this.#schema] })
    else if (pick < 0.1) await this.flushed.run()
    else if (pick < 0.2 || this.#live.length === 0) await this.#create()
    else if (pick < 0.25) await this.#remove()
    else if (pick < 0.3 && this.#deleted.length > 0) await this.#restore()
    else await this.#update()
  }

  #one(of: string[]): string {
    return of[Math.floor(this.#random() * Math.min(of.length, 4))] as string
  }

  async #create(): Promise<void> {
    const { row } = await this.flushed.create(this.#generated(['name'], 0.5), this.#schema)
    this.rows.push(row)
    this.#live.push(row.target)
  }

  async #update(): Promise<void> {
    const fields = this.#generated([], this.#random() < 0.2 ? 0.9 : 0.15)
    const names = Object.keys(this.#schema.fields).filter((name) => name !== 'name' && this.#random() < 0.1)
    const removed = Object.fromEntries(names.map((name) => [name, null]))
    // As a PATCH does: null removes a value.
    const { row, isUnchanged } = await this.flushed.write({
      schema: this.#schema,
      verb: verbOf(this.#schema, 'update'),
      kind: 'change',
      target: this.#one(this.#live),
      ...this.#reasons(),
      decide: ({ current }) =>
        Object.fromEntries(Object.entries({ ...current, ...fields }).filter(([name]) => !(name in removed))),
    })
    if (!isUnchanged) this.rows.push(row)
  }

  async #remove(): Promise<void> {
    const id = this.#one(this.#live)
    this.rows.push((await this.flushed.remove(id, this.#schema)).row)
    this.#live.splice(this.#live.indexOf(id), 1)
    this.#deleted.push(id)
  }

  async #restore(): Promise<void> {
    const id = this.#one(this.#deleted)
    this.rows.push((await this.flushed.restore(id, this.#schema)).row)
    this.#deleted.splice(this.#deleted.indexOf(id), 1)
    this.#live.push(id)
  }

  /** Most events have none. */
  #reasons(): Pick<Change, 'undoes' | 'approvedBy' | 'atMs'> {
    const pick = this.#random()
    return {
      ...(pick < 0.2 ? { undoes: 1 + Math.floor(this.#random() * this.rows.length) } : {}),
      ...(pick > 0.1 && pick < 0.3 ? { approvedBy: 'user "é"' } : {}),
      ...(pick > 0.25 && pick < 0.5 ? { atMs: Math.floor(pick * 1e12) } : {}),
    }
  }

  #generated(always: readonly string[], chance: number): Record<string, JsonValue> {
    const names = Object.keys(this.#schema.fields).filter((name) => always.includes(name) || this.#random() < chance)
    return Object.fromEntries(names.map((name) => [name, valueOf(this.#schema, name, this.#random)]))
  }
}

function verbOf(schema: NounSchema, name: string): NounSchema['verbs'][string] {
  const verb = schema.verbs[name]
  if (verb === undefined) throw new Error(`no ${name}`)
  return verb
}

async function expectRead({ flushed, rows }: Pick<History, 'flushed' | 'rows'>): Promise<void> {
  const { store } = flushed
  const read: LogRow[] = []
  for (let after = 0; after < store.events.head;) {
    const from = after
    const page = await store.reading(() => store.events.read({ after: from, limit: 7 }))
    read.push(...page.rows)
    after = page.readThrough
  }
  expect(read).toEqual(rows)
  const context = 'http://localhost/~acme'
  expect(read.map((row) => logRowToText(row, context))).toEqual(rows.map((row) => logRowToText(row, context)))
  for (const row of [rows[0], rows[Math.floor(rows.length / 2)], rows.at(-1)]) {
    if (row === undefined) continue
    const second = Math.floor(row.atMs / 1_000) * 1_000
    expect(await store.reading(() => store.events.byId(row.id, second))).toEqual(row)
    expect(await store.reading(() => store.events.at(row.seq))).toEqual(row)
  }
}

test.each(Array.from({ length: runs }, (_, run) => seed + run))(
  'every event of a generated history is read as it was written (seed %i)',
  (runSeed) =>
    inFlushedStore(
      async (first) => {
        const random = seededRandom(runSeed)
        const made = history(first, random)
        for (let step = 0; step < 250; step++) await made.step()
        await expectRead(made)
        made.flushed = made.flushed.restart()
        await expectRead(made)
        await made.flushed.drain()
        expect((await made.flushed.store.verify()).faults).toEqual([])
        await expectRead(made)
        made.flushed = made.flushed.restart()
        await made.flushed.store.rebuild()
        expect((await made.flushed.store.verify()).faults).toEqual([])
        await expectRead(made)
        for (const row of made.rows.slice(-20)) expectPresent(made.flushed, row)
      },
      {
        schemas: [definitions[0] as NounSchema],
        startMs: futureMs,
        settings: { eventsMax: 60, sealedEvents: 25, keptEvents: 15, graceMs: 1_000 },
      },
    ),
)

/** The text of a present entity is that of its last event, unless another definition is in use. */
function expectPresent({ store }: Flushed, row: LogRow): void {
  const table = store.state.table('Cafe')
  if (table === undefined || table.schema.version !== row.noun) return
  const present = store.presentText(table, row.target)
  if (present?.version === row.version) expect(present.text).toBe(row.data)
}

test('an entity of any size that can be created can be replaced, again and again, and read', () =>
  inFlushedStore(
    async (flushed) => {
      const rows: LogRow[] = []
      const notes = (letter: string, length: number): JsonValue => ({ long: letter.repeat(length) })
      const { row } = await flushed.create({ name: 'a', notes: notes('a', 990_000) })
      rows.push(row)
      for (const letter of 'bc') rows.push((await flushed.update(row.target, { notes: notes(letter, 990_000) })).row)
      for (const letter of 'defghijklmnopq')
        rows.push((await flushed.update(row.target, { notes: notes(letter, 10_000) })).row)
      await expectRead({ flushed, rows })
      await flushed.drain()
      await expectRead({ flushed: flushed.restart(), rows })
      const tooLong = flushed.update(row.target, { notes: { long: 'x'.repeat(1_000_000) } })
      await expect(tooLong).rejects.toMatchObject({ code: 'payload_too_large' })
    },
    { settings: { eventsMax: 10, sealedEvents: 4, keptEvents: 3 } },
  ))

test('repeated strings are numbers of one digit, and rows of before, which have 1.0, are read alike', () =>
  inFlushedStore(
    async (flushed) => {
      const { row } = await flushed.create({ name: 'Ada' }, definitions[0])
      const { sql } = flushed.storage
      const numbers = [...sql.exec('SELECT type, actor, via, noun FROM log').raw()].flat()
      expect(numbers).toEqual(Array(4).fill(expect.stringMatching(/^\d$/)))
      sql.exec("UPDATE log SET type = type || '.0', actor = actor || '.0', via = via || '.0', noun = noun || '.0'")
      expect(flushed.restart().store.events.at(row.seq)).toEqual(row)
    },
    { schemas: [definitions[0] as NounSchema] },
  ))

test('a change takes the space of what it changed', () =>
  inFlushedStore(async (flushed) => {
    const { row } = await flushed.create({ name: 'a', notes: { long: 'x'.repeat(5_000) } })
    const sizeOf = (seq: number): number =>
      flushed.storage.sql
        .exec<{ size: number }>(
          'SELECT length(data) + coalesce(length(changes), 0) AS size FROM log WHERE seq = ?',
          seq,
        )
        .one().size
    for (let power = 0; power < 14; power++) await flushed.update(row.target, { power })
    expect(sizeOf(5)).toBeLessThan(20)
    // The 16th version is whole, so that no event needs more than 16 rows.
    await flushed.update(row.target, { power: 14 })
    expect(sizeOf(16)).toBeGreaterThan(5_000)
  }))
