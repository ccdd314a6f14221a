// Generated histories of commits with several changes, and their undo, on a tenant's own store.

import type { Change, Committing, LogRow, TenantStore } from '@dotdo/do'
import {
  type EntityFields,
  fullAuthority,
  fullVisibility,
  type JsonValue,
  Noun,
  type NounSchema,
  ObjectError,
} from 'digital-objects'
import type { Flushed } from '../../@dotdo/do/test/flushed-store.ts'
import { callsWithin } from '../src/calls/call-table.ts'
import { readUndone, type UndoSelection } from '../src/commits/undone-commits.ts'
import { BulkJobs } from '../src/many/bulk-job.ts'
import { startOfUndo, undoKind } from '../src/many/undo-job.ts'
import { parseSelection } from '../src/many/undo-selection.ts'
import { undoIn } from '../src/writes/undo-work.ts'

export const Plant = Noun('Plant', { name: 'string!', robots: '<- Robot.plant[]' }).$schema
export const Robot = Noun(
  'Robot',
  {
    name: 'string!',
    serial: 'string?##',
    power: 'number?#',
    plant: '-> Plant.robots',
    parent: '-> Robot.children',
    children: '<- Robot.parent[]',
    mood: 'Calm | Busy | Angry | Broken',
    seenAt: 'datetime?',
    day: 'date?',
    isOn: 'boolean?',
    notes: 'json?',
    tags: 'string[]#',
    text: 'text?',
    work: 'Worked',
    annoy: 'Annoyed',
    calm: 'Calmed',
    scrap: 'Scrapped',
  },
  {
    // A deleted parent leaves its children with a reference to nothing.
    onDelete: { plant: 'clear', parent: 'keep' },
    state: 'mood',
    transitions: [
      { from: ['Calm', 'Angry'], verb: 'work', to: 'Busy' },
      { from: ['Calm', 'Busy'], verb: 'annoy', to: 'Angry' },
      { from: ['Busy', 'Angry'], verb: 'calm', to: 'Calm' },
      { from: ['Angry'], verb: 'scrap', to: 'Broken', irreversible: true },
    ],
  },
).$schema

export const schemas: readonly NounSchema[] = [Plant, Robot]
export const tenant = { name: 'acme', context: 'http://localhost/~acme' }
export type Random = () => number
export const pick = <Value>(random: Random, of: readonly Value[]): Value =>
  of[Math.floor(random() * of.length)] as Value

/** A live entity, as its fields in the order of the definition. */
export type World = ReadonlyMap<string, string>

/** Every live entity's fields as JSON, byte for byte. */
export function worldOf({ state, sql }: TenantStore): World {
  const world = new Map<string, string>()
  for (const schema of schemas) {
    const table = state.table(schema.name)
    if (table === undefined || !state.hasTable(schema.name)) continue
    for (const { id } of sql.exec<{ id: string }>(`SELECT "$id" AS id FROM ${table.present}`))
      world.set(id, JSON.stringify(state.get(table, id)?.fields))
  }
  return world
}

const targets = { work: 'Busy', annoy: 'Angry', calm: 'Calm', scrap: 'Broken' } as const
const values: Readonly<Record<string, (random: Random) => JsonValue>> = {
  name: (random) => pick(random, ['Ada', 'é "quoted" \\', '𝔘\u2028', 'x'.repeat(100)]),
  serial: (random) => pick(random, ['1', '2', '3', '4', '5', '6', '7', '8']),
  power: (random) => pick(random, [0, 1.5, -3, 1e100]),
  seenAt: (random) => new Date(Math.floor(random() * 4e12)).toISOString(),
  day: (random) => new Date(Math.floor(random() * 4e12)).toISOString().slice(0, 10),
  isOn: (random) => random() < 0.5,
  notes: (random) => pick(random, [[null], { b: 1, a: [null, 'x'] }, 'text', 0, false, {}]),
  tags: (random) => Array.from({ length: 1 + Math.floor(random() * 3) }, () => `tag ${Math.floor(random() * 3)}`),
  text: (random) => pick(random, ['some words', 'other words']),
}

/** The live entities by Noun, as the changes of a commit see them. */
interface Live {
  readonly Plant: string[]
  readonly Robot: string[]
}

export class UndoHistory {
  readonly flushed: Flushed
  readonly #random: Random

  constructor(flushed: Flushed, random: Random) {
    this.flushed = flushed
    this.#random = random
  }

  get store(): TenantStore {
    return this.flushed.store
  }

  /** Makes a commit of some changes. Returns its number; undefined if it was refused or changed nothing. */
  async commit(): Promise<number | undefined> {
    this.flushed.clock.ms += 1
    const live: Live = { Plant: [], Robot: [] }
    for (const id of worldOf(this.store).keys()) (id.startsWith('plant_') ? live.Plant : live.Robot).push(id)
    const count = 1 + Math.floor(this.#random() * 5)
    const actor = pick(this.#random, ['user_1', 'user_2', 'agent_1'])
    try {
      const { commit } = await this.store.commit(
        (committing) => {
          for (let at = 0; at < count; at++) this.#change(committing, { live, actor })
          return null
        },
        { tenant },
      )
      return commit
    } catch (error) {
      if (error instanceof ObjectError) return undefined
      throw error
    }
  }

  #change(committing: Committing, { live, actor }: { readonly live: Live; readonly actor: string }): void {
    const random = this.#random
    const kind = random()
    const write = (change: Omit<Change, 'actor' | 'via'>): string =>
      committing.write({ ...change, actor, via: 'rest' }).row.target
    if (live.Robot.length === 0 || kind < 0.2) {
      const fields = { ...this.#fields(0.4, live), name: 'new', mood: 'Calm' }
      live.Robot.push(write({ schema: Robot, verb: verbOf(Robot, 'create'), kind: 'create', decide: () => fields }))
    } else if (kind < 0.28) {
      const decide = (): EntityFields => ({ name: `plant ${Math.floor(random() * 5)}` })
      live.Plant.push(write({ schema: Plant, verb: verbOf(Plant, 'create'), kind: 'create', decide }))
    } else if (kind < 0.36) {
      const from = live.Plant.length > 0 && random() < 0.4 ? live.Plant : live.Robot
      const target = pick(random, from)
      const schema = from === live.Plant ? Plant : Robot
      write({ schema, verb: verbOf(schema, 'delete'), kind: 'remove', target, decide: ({ current }) => current ?? {} })
      from.splice(from.indexOf(target), 1)
    } else if (kind < 0.6) this.#perform(write, pick(random, live.Robot))
    else {
      const fields = this.#fields(0.15, live)
      const cleared = ['power', 'plant', 'notes', 'serial'].filter(() => random() < 0.1)
      write({
        schema: Robot,
        verb: verbOf(Robot, 'update'),
        kind: 'change',
        target: pick(random, live.Robot),
        decide: ({ current }) =>
          Object.fromEntries(Object.entries({ ...current, ...fields }).filter(([name]) => !cleared.includes(name))),
      })
    }
  }

  #perform(write: (change: Omit<Change, 'actor' | 'via'>) => string, target: string): void {
    const verb = this.#random() < 0.05 ? 'scrap' : pick(this.#random, ['work', 'annoy', 'calm'] as const)
    write({
      schema: Robot,
      verb: verbOf(Robot, verb),
      kind: 'change',
      target,
      decide: ({ current }) => ({ ...current, mood: targets[verb] }),
    })
  }

  #fields(chance: number, live: Live): Record<string, JsonValue> {
    const random = this.#random
    const names = Object.keys(values).filter(() => random() < chance)
    const fields = Object.fromEntries(names.map((name) => [name, values[name]?.(random) ?? null]))
    const plant = live.Plant.length > 0 && random() < chance ? { plant: pick(random, live.Plant) } : {}
    const parent = live.Robot.length > 0 && random() < chance ? { parent: pick(random, live.Robot) } : {}
    return { ...fields, ...plant, ...parent }
  }

  /** Undoes; returns the number of the undoing commit, undefined if there was nothing to restore, or the refusal. */
  async undo(selection: UndoSelection): Promise<number | undefined | ObjectError> {
    return undoOf(this.flushed, selection)
  }

  async events(): Promise<readonly LogRow[]> {
    const rows: LogRow[] = []
    for (let after = 0; after < this.store.events.head;) {
      const from = after
      const page = await this.store.reading(() => this.store.events.read({ after: from, limit: 1_000 }))
      rows.push(...page.rows)
      after = page.readThrough
    }
    return rows
  }
}

export async function undoOf(
  { store, clock }: Flushed,
  selection: UndoSelection,
  options: { readonly isDryRun?: true } = {},
): Promise<number | undefined | ObjectError> {
  clock.ms += 1
  const caller = { tenant: 'acme', context: tenant.context, authority: fullAuthority('user_9'), via: 'rest' } as const
  try {
    const { commit } = await store.commit(
      (committing) => {
        const { lookup } = store.catalog.current
        const visibility = store.eventVisibility(fullVisibility(lookup))
        const before = committing.number
        undoIn(committing, {
          parts: { store },
          asked: { caller, call: { kind: 'write', noun: '', verb: 'commits.undoMany', body: '' } },
          rows: readUndone(selection, { log: store.events, visibility, before, commitsOfJob: () => [] }),
        })
        return null
      },
      { tenant, ...options },
    )
    return commit
  } catch (error) {
    if (error instanceof ObjectError) return error
    throw error
  }
}

/** Undoes as a bulk job. Returns its id if everything was taken back, or the refusal of all or a part of it. */
export async function undoByJob(
  { store, clock }: Flushed,
  selection: { readonly from: number; readonly to: number } | { readonly job: string },
): Promise<string | { readonly refused: number; readonly reasons: string }> {
  clock.ms += 1
  const caller = { tenant: 'acme', context: tenant.context, authority: fullAuthority('user_9'), via: 'rest' } as const
  const { bulkJobs, realMs } = store.requests
  const call = { kind: 'write', noun: '', verb: 'commits.undoMany', body: JSON.stringify(selection) }
  const id = bulkJobs.add({
    kind: undoKind,
    noun: '',
    actor: 'user_9',
    request: JSON.stringify({ call, caller }),
    total: 0,
    position: startOfUndo(parseSelection(selection), store),
    realMs,
  })
  const job = new BulkJobs({ requests: store.requests, store: () => store, calls: callsWithin, changesPerStep: 3 })
  while (bulkJobs.find(id)?.state === 'running') await job.step()
  const { state, refused = 0, refusals = '', done = 0, total = 0 } = bulkJobs.find(id) ?? {}
  if (state === 'done' && refused === 0) return id
  return { refused: state === 'failed' ? Number.POSITIVE_INFINITY : Math.min(refused, done, total), reasons: refusals }
}

function verbOf(schema: NounSchema, name: string): Change['verb'] {
  const verb = schema.verbs[name]
  if (verb === undefined) throw new Error(`no ${name}`)
  return verb
}
