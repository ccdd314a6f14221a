// The laws of undo on generated histories: an undo restores every field byte for byte and touches nothing else, or it is
// refused with a reason; undoing an undo restores the first state; the tenant stays whole.

import type { LogRow } from '@dotdo/do'
import { seededRandom } from '@dotdo/db'
import { assert, isSameJson, type JsonValue, ObjectError } from 'digital-objects'
import { expect, test } from 'vitest'
import { futureMs, inFlushedStore } from '../../../@dotdo/do/test/flushed-store.ts'
import {
  pick,
  type Random,
  schemas,
  undoByJob,
  UndoHistory,
  undoOf,
  type World,
  worldOf,
} from '../../test/undo-history.ts'
import type { UndoSelection } from '../commits/undone-commits.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const runs = Number(process.env['RUNS'] ?? 3)
const steps = 60

type Fields = Readonly<Record<string, JsonValue>>

/** The world after each event, by replay of the log alone. */
function worldAt(rows: readonly LogRow[], seq: number): World {
  const world = new Map<string, string>()
  for (const row of rows) {
    if (row.seq > seq) break
    if (row.type.endsWith('.Deleted')) world.delete(row.target)
    else world.set(row.target, JSON.stringify(fieldsOf(row)))
  }
  return world
}

function fieldsOf({ data }: LogRow): Fields {
  return Object.fromEntries(Object.entries(JSON.parse(data) as Fields).filter(([name]) => !name.startsWith('$')))
}

const parsed = (json: string | undefined): Fields | undefined =>
  json === undefined ? undefined : (JSON.parse(json) as Fields)

/** The fields of an entity that differ between two states in which it exists. */
function changedBetween(before: Fields, after: Fields): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isSameJson(before[name], after[name]),
  )
}

interface Undone {
  readonly before: World
  readonly after: World
  readonly now: World
  readonly ids: ReadonlySet<string>
}

/** The world that the undo of contiguous commits must leave. */
function expectedWorld({ before, after, now, ids }: Undone): World {
  const expected = new Map(now)
  for (const id of ids) {
    const [was, then, is] = [parsed(before.get(id)), parsed(after.get(id)), parsed(now.get(id))]
    if (was === undefined && then === undefined) continue
    if (was === undefined) expected.delete(id)
    else if (then === undefined) expected.set(id, before.get(id) ?? '')
    else if (is === undefined) expect(changedBetween(was, then)).toEqual([])
    else {
      const fields: Record<string, JsonValue> = { ...is }
      for (const name of changedBetween(was, then)) {
        const value = was[name]
        if (value === undefined) delete fields[name]
        else fields[name] = value
      }
      expected.set(id, JSON.stringify(fields))
    }
  }
  return expected
}

/** Compares entities by their values, since the order of fields is the definition's. */
function expectSameWorld(actual: World, expected: World, label: string): void {
  const valuesOf = (world: World) => new Map([...world].map(([id, json]) => [id, parsed(json)]))
  expect(valuesOf(actual), label).toEqual(valuesOf(expected))
}

/** Whether something that happened after the commits justifies a refusal. */
function hasReason(
  { before, after, now, ids }: Undone,
  {
    own,
    later,
    refusal,
  }: { readonly own: readonly LogRow[]; readonly later: readonly LogRow[]; readonly refusal: ObjectError },
): boolean {
  if (refusal.code === 'undo_irreversible') return true
  const touched = later.some((row) => {
    if (!ids.has(row.target)) return false
    const [was, then] = [parsed(before.get(row.target)), parsed(after.get(row.target))]
    if (was === undefined || then === undefined || row.type.endsWith('.Deleted')) return true
    const ofEntity = own.filter(({ target }) => target === row.target)
    // Its undo would delete the entity in between, and with it what was changed since.
    if (ofEntity.some(({ type }) => type.endsWith('.Restored'))) return true
    const names = new Set(ofEntity.flatMap(namesIn))
    return namesIn(row).some((name) => names.has(name))
  })
  const removed = [...ids].filter((id) => !before.has(id) && now.has(id))
  const refers = [...now].some(([id, json]) =>
    removed.some((gone) => json.includes(gone) && before.get(id)?.includes(gone) !== true),
  )
  const isMissing = later.some((row) => row.type.endsWith('.Deleted') && !now.has(row.target))
  const isTaken = refusal.message.includes('unique value')
  return touched || refers || isMissing || isTaken
}

const namesIn = ({ changes }: LogRow): readonly string[] => Object.keys(JSON.parse(changes ?? '{}') as object)

const noCounts = {
  undone: 0,
  refused: 0,
  irreversible: 0,
  redone: 0,
  unchanged: 0,
  ofActors: 0,
  byJob: 0,
  byJobRefused: 0,
}

class Checked {
  readonly counts = { ...noCounts }
  readonly history: UndoHistory
  readonly #random: Random

  constructor(history: UndoHistory, random: Random) {
    this.history = history
    this.#random = random
  }

  /** Undoes a commit or a range, mostly one of the newest, and compares. */
  async undo(): Promise<void> {
    const rows = await this.history.events()
    const numbers = [...new Set(rows.map(({ commit }) => commit))]
    const back = Math.floor(this.#random() ** 3 * numbers.length)
    const to = numbers.length - 1 - back
    const from = Math.max(0, to - (this.#random() < 0.3 ? Math.floor(this.#random() * 4) : 0))
    const [first, last] = [numbers[from], numbers[to]]
    if (first === undefined || last === undefined) return
    await this.#undo(rows, { first, last })
  }

  /** Undoes what an actor did in the last commits: what only the actor touched is as before, and nothing else has changed. */
  async undoOfActor(): Promise<void> {
    const { store } = this.history
    const rows = await this.history.events()
    const since = rows.at(-1 - Math.floor(this.#random() * Math.min(rows.length, 12)))
    if (since === undefined) return
    const actor = pick(this.#random, ['user_1', 'user_2', 'agent_1'])
    const own = rows.filter((row) => row.atMs >= since.atMs && row.actor === actor)
    const now = worldOf(store)
    const outcome = await this.history.undo({ kind: 'actor', actor, sinceMs: since.atMs })
    if (outcome instanceof ObjectError) {
      expect(['undo_conflict', 'undo_irreversible'], outcome.message).toContain(outcome.code)
      expectSameWorld(worldOf(store), now, outcome.message)
      return
    }
    this.counts.ofActors++
    const world = worldOf(store)
    for (const id of new Set([...now.keys(), ...world.keys(), ...own.map(({ target }) => target)])) {
      const first = own.find(({ target }) => target === id)
      const isAlone = rows.every((row) => row.target !== id || row.seq < (first?.seq ?? 0) || own.includes(row))
      const label = `${id} after the undo of ${actor} since ${since.seq}`
      if (first === undefined) expect(world.get(id), label).toBe(now.get(id))
      else if (isAlone) expect(world.get(id), label).toBe(worldAt(rows, first.seq - 1).get(id))
    }
  }

  /** Undoes a range as a job in several commits: it is refused if one commit is, and otherwise leaves the same. */
  async undoByJob(): Promise<void> {
    const { store, flushed } = this.history
    const rows = await this.history.events()
    const numbers = [...new Set(rows.map(({ commit }) => commit))]
    const to = numbers.length - 1 - Math.floor(this.#random() ** 3 * numbers.length)
    const [first, last] = [numbers[Math.max(0, to - Math.floor(this.#random() * 6))], numbers[to]]
    if (first === undefined || last === undefined) return
    const range = { from: first, to: last }
    const label = `undo of ${first} to ${last} by a job at ${store.events.head}`
    const own = rows.filter(({ commit }) => commit >= first && commit <= last)
    const ids = new Set(own.map(({ target }) => target))
    const now = worldOf(store)
    const after = worldAt(rows, own.at(-1)?.seq ?? 0)
    const alone = await undoOf(flushed, { kind: 'range', ...range }, { isDryRun: true })
    const outcome = await undoByJob(flushed, range)
    if (typeof outcome === 'string') {
      expect(alone, label).not.toBeInstanceOf(ObjectError)
      expectSameWorld(worldOf(store), expectedWorld({ before: worldAt(rows, first - 1), after, now, ids }), label)
      this.counts.byJob++
      if (this.#random() < 0.4) return
      expect(await undoByJob(flushed, { job: outcome }), label).toBeTypeOf('string')
      expectSameWorld(worldOf(store), now, label)
      return
    }
    expect(alone, `${label}: ${outcome.reasons}`).toBeInstanceOf(ObjectError)
    if (outcome.refused !== Number.POSITIVE_INFINITY) return
    this.counts.byJobRefused++
    expectSameWorld(worldOf(store), now, label)
    expect(store.events.head, label).toBe(rows.length)
  }

  async #undo(
    rows: readonly LogRow[],
    { first, last }: { readonly first: number; readonly last: number },
  ): Promise<void> {
    const { store } = this.history
    const own = rows.filter(({ commit }) => commit >= first && commit <= last)
    const end = own.at(-1)?.seq ?? 0
    const ids = new Set(own.map(({ target }) => target))
    const now = worldOf(store)
    const undone = { before: worldAt(rows, first - 1), after: worldAt(rows, end), now, ids }
    const selection: UndoSelection =
      first === last ? { kind: 'commit', number: first } : { kind: 'range', from: first, to: last }
    const label = `undo of ${first} to ${last} at ${store.events.head}`
    const outcome = await this.history.undo(selection)
    if (outcome instanceof ObjectError) {
      expect(['undo_conflict', 'undo_irreversible'], outcome.message).toContain(outcome.code)
      expectSameWorld(worldOf(store), now, label)
      expect(store.events.head, label).toBe(rows.length)
      const later = rows.filter(({ commit }) => commit > last)
      expect(hasReason(undone, { own, later, refusal: outcome }), `${label}: ${outcome.message}`).toBe(true)
      if (outcome.code === 'undo_irreversible') {
        this.counts.irreversible++
        expect(
          own.some(({ type }) => type === 'Robot.Scrapped'),
          label,
        ).toBe(true)
      } else this.counts.refused++
      return
    }
    expectSameWorld(worldOf(store), expectedWorld(undone), label)
    if (outcome === undefined) {
      this.counts.unchanged++
      return
    }
    this.counts.undone++
    await this.#check(outcome, { first, last, now })
    if (this.#random() < 0.5) await this.#redo(outcome, now)
  }

  /** The events of the undo name what they undo, and the past is as it was. */
  async #check(
    commit: number,
    { first, last, now }: { readonly first: number; readonly last: number; readonly now: World },
  ): Promise<void> {
    const { store } = this.history
    const made = (await this.history.events()).filter((row) => row.commit === commit)
    for (const { undoes, type } of made) {
      expect(undoes !== null && undoes >= first && undoes <= last).toBe(true)
      expect(['Updated', 'Deleted', 'Restored']).toContain(type.split('.')[1])
    }
    for (const [id, json] of now) {
      const table = store.state.table(id.startsWith('plant_') ? 'Plant' : 'Robot')
      assert(table !== undefined, 'the Noun is defined')
      expect(JSON.stringify(store.state.getAsOf(table, id, commit - 1)?.fields)).toBe(json)
    }
  }

  /** Undoing the undo restores the first state. */
  async #redo(commit: number, first: World): Promise<void> {
    const again = await this.history.undo({ kind: 'commit', number: commit })
    // Nothing is left to restore if the changes of the undo cancelled each other out.
    expect(again, again instanceof ObjectError ? again.message : '').not.toBeInstanceOf(ObjectError)
    expect(worldOf(this.history.store)).toEqual(first)
    this.counts.redone++
  }
}

const totals = { ...noCounts }

test.each(Array.from({ length: runs }, (_, run) => seed + run))(
  'an undo restores what its commits changed, or is refused with a reason (seed %i)',
  (runSeed) =>
    inFlushedStore(
      async (flushed) => {
        const random = seededRandom(runSeed)
        const checked = new Checked(new UndoHistory(flushed, random), random)
        await checked.history.commit()
        for (let step = 0; step < steps; step++) {
          if (random() < 0.6) await checked.history.commit()
          else if (random() < 0.2) await checked.undoOfActor()
          else if (random() < 0.3) await checked.undoByJob()
          else await checked.undo()
          if (random() < 0.03) await flushed.drain()
        }
        await flushed.drain()
        expect((await flushed.store.verify()).faults).toEqual([])
        const world = worldOf(flushed.store)
        await flushed.store.rebuild()
        expect((await flushed.store.verify()).faults).toEqual([])
        expect([...worldOf(flushed.restart().store)]).toEqual([...world])
        for (const [name, count] of Object.entries(checked.counts)) totals[name as keyof typeof totals] += count
      },
      {
        schemas,
        startMs: futureMs,
        settings: { eventsMax: 60, sealedEvents: 25, keptEvents: 15, graceMs: 1_000 },
      },
    ),
)

test('the histories had undos of every outcome', () => {
  expect(
    Math.min(totals.undone, totals.refused, totals.redone, totals.ofActors),
    JSON.stringify(totals),
  ).toBeGreaterThan(3)
  expect(Math.min(totals.byJob, totals.byJobRefused), JSON.stringify(totals)).toBeGreaterThan(0)
})
