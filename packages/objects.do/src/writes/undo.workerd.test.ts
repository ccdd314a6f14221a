// Undo as callers ask for it: one commit, a range, everything of an actor; its conflicts, its authority, its idempotency,
// and definitions.

import { env } from 'cloudflare:test'
import { type Authority, fullAuthority, type JsonValue, type ObjectErrorData, parseAuthority } from 'digital-objects'
import type { AfterHandler } from '@dotdo/do'
import { describe, expect, test } from 'vitest'
import { futureMs, inFlushedStore } from '../../../@dotdo/do/test/flushed-store.ts'
import { ask } from '../../test/ask-tenant.ts'
import { Robot, schemas, undoOf } from '../../test/undo-history.ts'
import type { Answer } from '../answers/answer.ts'

type Json = Readonly<Record<string, JsonValue>>
const parts = { tenant: 'undo', context: 'http://localhost/~undo', via: 'rest' } as const
const everything = { read: 'all', write: 'all', hidden: [], verbs: 'all' }

interface WriteGiven {
  readonly noun?: string
  readonly verb: string
  readonly id?: string
  readonly body?: Json
  readonly key?: string
  readonly isDryRun?: true
}

class Tenant {
  readonly #stub = env.TENANTS.get(env.TENANTS.newUniqueId())

  write(
    { noun = '', verb, id, body = {}, key, isDryRun }: WriteGiven,
    authority: Authority = fullAuthority('user_1'),
  ): Promise<Answer> {
    const target = id === undefined ? {} : { id }
    const idempotency = key === undefined ? {} : { idempotencyKey: key }
    const tried = isDryRun === undefined ? {} : { isDryRun }
    const call = { kind: 'write', noun, verb, body: JSON.stringify(body), ...target, ...idempotency, ...tried } as const
    return ask(this.#stub, { ...parts, authority }, call)
  }

  /** Writes an entity as `user_1`, or as another actor. Returns its id and the number of the commit. */
  async done(
    call: { noun: string; verb: string; id?: string; body?: Json },
    actor = 'user_1',
  ): Promise<{ id: string; commit: number }> {
    const answer = await this.write(call, fullAuthority(actor))
    if (!answer.ok) throw new Error(answer.error.message)
    const { $id } = (answer.body === '' ? {} : JSON.parse(answer.body)) as { readonly $id?: string }
    return { id: $id ?? call.id ?? '', commit: answer.commit ?? 0 }
  }

  undo(commit: number, options: { authority?: Authority; key?: string } = {}): Promise<Answer> {
    const { authority, ...others } = options
    return this.write({ verb: 'commits.undo', id: String(commit), ...others }, authority)
  }

  async undone(commit: number): Promise<Undone> {
    return toUndone(await this.undo(commit))
  }

  async undoneMany(body: Json): Promise<Undone> {
    return toUndone(await this.write({ verb: 'commits.undoMany', body }))
  }

  async read(call: { read: string; noun?: string; id?: string; parameters?: Record<string, string> }): Promise<Json> {
    const answer = await ask(
      this.#stub,
      { ...parts, authority: fullAuthority('user_1') },
      {
        kind: 'read',
        parameters: {},
        ...call,
      },
    )
    if (!answer.ok) throw new Error(answer.error.code)
    return JSON.parse(answer.body) as Json
  }

  async get(noun: string, id: string): Promise<Json> {
    return this.read({ read: 'get', noun, id })
  }
}

interface Undone {
  readonly commit: number | null
  readonly actor: string | null
  readonly events: readonly { readonly type: string; readonly target: string; readonly undoes: number }[]
}

function toUndone(answer: Answer): Undone {
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Undone
}

function refusalOf(answer: Answer): ObjectErrorData {
  if (answer.ok) throw new Error(`expected a refusal, got ${answer.body}`)
  return answer.error
}

describe('the undo of a commit', () => {
  test('answers with the commit that undoes, and later changes of other fields survive', async () => {
    const tenant = new Tenant()
    const { id } = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada', title: 'a' } })
    const { commit } = await tenant.done({ noun: 'Contact', verb: 'update', id, body: { title: 'b', email: 'a@b.co' } })
    await tenant.done({ noun: 'Contact', verb: 'update', id, body: { name: 'Ada Lovelace' } })
    const undone = await tenant.undone(commit)
    expect(undone).toMatchObject({ commit: 4, actor: 'user_1' })
    expect(undone.events).toMatchObject([{ type: 'Contact.Updated', target: id, undoes: commit }])
    const entity = await tenant.get('Contact', id)
    expect(entity).toMatchObject({ name: 'Ada Lovelace', title: 'a', $version: 4 })
    expect(entity).not.toHaveProperty('email')
    expect(await tenant.read({ read: 'commit', id: '4' })).toEqual({ ...undone })
    const { results } = await tenant.read({ read: 'history', noun: 'Contact', id })
    expect(results).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }, { seq: 4, undoes: 2 }])
  })

  test('deletes what was created and restores what was deleted, and undoing that returns to the first state', async () => {
    const tenant = new Tenant()
    const created = await tenant.done({
      noun: 'Contact',
      verb: 'create',
      body: { name: 'Ada', metadata: { a: [null] } },
    })
    const first = await tenant.get('Contact', created.id)
    const undone = await tenant.undone(created.commit)
    expect(undone.events).toMatchObject([{ type: 'Contact.Deleted', undoes: created.commit }])
    await expect(tenant.get('Contact', created.id)).rejects.toThrow('not_found')
    const redone = await tenant.undone(undone.commit ?? 0)
    expect(redone.events).toMatchObject([{ type: 'Contact.Restored', undoes: undone.commit }])
    expect(await tenant.get('Contact', created.id)).toEqual({
      ...first,
      $version: 3,
      $updatedAt: expect.any(String) as string,
    })
    const removed = await tenant.done({ noun: 'Contact', verb: 'delete', id: created.id })
    expect((await tenant.undone(removed.commit)).events).toMatchObject([{ type: 'Contact.Restored' }])
  })

  test('is refused with each conflict: the field, its value then and now, and the later commit', async () => {
    const tenant = new Tenant()
    const { id } = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } })
    const { commit } = await tenant.done({ noun: 'Contact', verb: 'update', id, body: { title: 'a', name: 'Bo' } })
    const later = await tenant.done({ noun: 'Contact', verb: 'update', id, body: { title: 'b' } })
    const refusal = refusalOf(await tenant.undo(commit))
    expect(refusal).toMatchObject({ code: 'undo_conflict', message: expect.stringContaining(id) as string })
    expect(refusal.detail).toEqual({
      conflicts: [
        { entityType: 'Contact', id, field: 'title', reason: 'changed', then: 'a', now: 'b', commit: later.commit },
      ],
      count: 1,
    })
    // A value that came back was touched all the same, unless the change was undone.
    const back = await tenant.done({ noun: 'Contact', verb: 'update', id, body: { title: 'a' } })
    expect(refusalOf(await tenant.undo(commit)).detail).toMatchObject({
      conflicts: [{ commit: back.commit, now: 'a' }],
    })
    await tenant.undone(back.commit)
    await tenant.undone(later.commit)
    await tenant.undone(commit)
    expect(await tenant.get('Contact', id)).toMatchObject({ name: 'Ada' })
    expect(refusalOf(await tenant.undo(commit))).toMatchObject({ code: 'undo_conflict' })
  })

  test('is refused if the entity was deleted, is referred to, or would refer to a deleted one', async () => {
    const tenant = new Tenant()
    const org = await tenant.done({ noun: 'Organization', verb: 'create', body: { name: 'Initech' } })
    const contact = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada', organization: org.id } })
    expect(refusalOf(await tenant.undo(org.commit)).detail).toMatchObject({
      conflicts: [{ id: contact.id, field: 'organization', reason: 'refers', now: org.id, commit: contact.commit }],
    })
    const moved = await tenant.done({ noun: 'Contact', verb: 'update', id: contact.id, body: { organization: null } })
    const removed = await tenant.done({ noun: 'Organization', verb: 'delete', id: org.id })
    expect(refusalOf(await tenant.undo(moved.commit)).detail).toMatchObject({
      conflicts: [{ id: contact.id, field: 'organization', reason: 'missing', then: org.id, commit: removed.commit }],
    })
    expect(refusalOf(await tenant.undo(org.commit)).detail).toMatchObject({
      conflicts: [{ id: org.id, field: null, reason: 'deleted', commit: removed.commit }],
    })
  })

  test('is refused if another entity has the unique value now', async () => {
    const tenant = new Tenant()
    const ada = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada', email: 'ada@b.co' } })
    const { commit } = await tenant.done({ noun: 'Contact', verb: 'update', id: ada.id, body: { email: null } })
    const other = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Bo', email: 'ada@b.co' } })
    expect(refusalOf(await tenant.undo(commit))).toMatchObject({
      code: 'undo_conflict',
      detail: { conflicts: [{ id: ada.id, field: 'email', reason: 'taken', then: 'ada@b.co', now: other.id }] },
    })
  })

  test('is refused if a transition is irreversible, and names it', async () => {
    const tenant = new Tenant()
    const fields = { label: 'string!', mood: 'Draft | Sent | Read', send: 'Sent', read: 'Read' }
    const transitions = [
      { from: ['Draft'], verb: 'send', to: 'Sent', irreversible: true },
      { from: ['Sent'], verb: 'read', to: 'Read' },
    ]
    await tenant.done({ noun: 'Letter', verb: 'schema.put', body: { fields, state: 'mood', transitions } })
    const { id } = await tenant.done({ noun: 'Letter', verb: 'create', body: { label: 'a' } })
    const sent = await tenant.done({ noun: 'Letter', verb: 'send', id, body: { label: 'b' } })
    const read = await tenant.done({ noun: 'Letter', verb: 'read', id })
    const refusal = refusalOf(await tenant.undo(sent.commit))
    expect(refusal).toMatchObject({
      code: 'undo_irreversible',
      message: expect.stringContaining('mood went to Sent') as string,
    })
    expect(refusal.detail).toMatchObject({
      transitions: [{ entityType: 'Letter', id, event: 'Sent', field: 'mood', from: 'Draft', to: 'Sent' }],
    })
    // The table has no way back from Read, which does not keep an undo from it.
    await tenant.undone(read.commit)
    expect(await tenant.get('Letter', id)).toMatchObject({ mood: 'Sent', label: 'b' })
  })

  test('is done once under an idempotency key, and a repetition answers the same', async () => {
    const tenant = new Tenant()
    const { commit, id } = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } })
    const [first, again] = [await tenant.undo(commit, { key: 'k' }), await tenant.undo(commit, { key: 'k' })]
    expect(again).toMatchObject({ ok: true, isReplay: true, commit: 2 })
    expect(toUndone(again)).toEqual(toUndone(first))
    expect((await tenant.read({ read: 'history', noun: 'Contact', id }))['results']).toHaveLength(2)
    expect(refusalOf(await tenant.undo(1_000, { key: 'k' })).code).toBe('idempotency_mismatch')
  })

  test('has a dry run, which shows its events and conflicts and changes nothing', async () => {
    const tenant = new Tenant()
    const { id, commit } = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } })
    const tryIt = async (): Promise<Json> => {
      const answer = await tenant.write({ verb: 'commits.undo', id: String(commit), isDryRun: true })
      if (!answer.ok) throw new Error(answer.error.message)
      return JSON.parse(answer.body) as Json
    }
    const event = { type: 'Contact.Deleted', target: id, commit: 2, undoes: commit }
    expect(await tryIt()).toMatchObject({ dryRun: true, events: [event], refusals: [], result: { commit: 2 } })
    expect(await tenant.get('Contact', id)).toMatchObject({ $version: 1 })
    await tenant.done({ noun: 'Contact', verb: 'update', id, body: { title: 'a' } })
    const refusals = [{ status: 409, problem: { code: 'undo_conflict', conflicts: [{ id, field: 'title' }] } }]
    expect(await tryIt()).toMatchObject({ events: [], refusals, result: null })
    expect((await tenant.read({ read: 'history', noun: 'Contact', id }))['results']).toHaveLength(2)
  })

  test('of a commit that does not exist, or by the seq of another event, is not found', async () => {
    const tenant = new Tenant()
    expect(refusalOf(await tenant.undo(1)).code).toBe('not_found')
    const none = await tenant.write({ verb: 'commits.undoMany', body: { actor: 'a', since: '2020-01-01T00:00:00Z' } })
    expect(none).toMatchObject({ ok: true, isUnchanged: true })
    expect(await tenant.read({ read: 'status' })).toMatchObject({ events: 0 })
    await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } })
    expect(refusalOf(await tenant.undo(2)).code).toBe('not_found')
    expect(refusalOf(await tenant.write({ verb: 'commits.undo', id: 'x' })).code).toBe('invalid_id')
    expect(refusalOf(await tenant.write({ verb: 'commits.undo', id: '1', body: { force: true } }))).toMatchObject({
      code: 'invalid_body',
      field: 'force',
    })
  })
})

test('an event that a handler delivered to the world outside cannot be undone, from its first attempt on', () => {
  const runs: string[] = []
  const mail: AfterHandler = {
    id: 'mail',
    isExternal: true,
    handles: ({ type }) => type === 'Robot.Updated',
    run: async ({ id }) => {
      runs.push(id)
      throw new Error('the mail server has closed the connection')
    },
  }
  const options = { schemas, startMs: futureMs, hooks: { before: [], after: [mail] } }
  return inFlushedStore(async (flushed) => {
    const { row } = await flushed.create({ name: 'Ada' }, Robot)
    const told = await flushed.update(row.target, { power: 1 }, Robot)
    await flushed.store.runOutbox()
    expect(runs).toEqual([told.row.id])
    const refusal = await undoOf(flushed, { kind: 'commit', number: told.row.commit })
    expect(refusal).toMatchObject({
      code: 'undo_irreversible',
      detail: { deliveries: [{ id: row.target, event: 'Updated', handler: 'mail' }] },
    })
    const untold = await flushed.update(row.target, { power: 2 }, Robot)
    expect(await undoOf(flushed, { kind: 'commit', number: untold.row.commit })).toBe(4)
  }, options)
})

test('a commit whose texts have left the object can be undone', () =>
  inFlushedStore(
    async (flushed) => {
      const { row } = await flushed.create({ name: 'Ada', notes: { a: [null, 'x'] }, mood: 'Calm' }, Robot)
      const changed = await flushed.update(row.target, { notes: 'b', power: 1 }, Robot)
      for (let at = 0; at < 40; at++) await flushed.create({ name: `robot ${at}`, mood: 'Calm' }, Robot)
      await flushed.drain()
      expect(flushed.lake.archive.state.position.trimmedSeq).toBeGreaterThan(changed.row.seq)
      const restarted = flushed.restart()
      expect(await undoOf(restarted, { kind: 'commit', number: changed.row.commit })).toBe(43)
      const table = restarted.store.state.table('Robot')
      if (table === undefined) throw new Error('no table')
      const fields = restarted.store.state.get(table, row.target)?.fields
      expect(fields).toEqual({ name: 'Ada', notes: { a: [null, 'x'] }, mood: 'Calm' })
    },
    { schemas, startMs: futureMs, settings: { eventsMax: 20, sealedEvents: 10, keptEvents: 5, graceMs: 1_000 } },
  ))

describe('the undo of several commits', () => {
  test('takes back a range, newest first, in one commit', async () => {
    const tenant = new Tenant()
    const kept = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada', title: 'a' } })
    const first = await tenant.done({ noun: 'Contact', verb: 'update', id: kept.id, body: { title: 'b' } })
    await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Bo' } })
    await tenant.done({ noun: 'Contact', verb: 'update', id: kept.id, body: { title: 'c' } })
    const last = await tenant.done({ noun: 'Contact', verb: 'delete', id: kept.id })
    const undone = await tenant.undoneMany({ from: first.commit, to: last.commit })
    expect(undone.events.map(({ type, undoes }) => [type, undoes])).toEqual([
      ['Contact.Restored', 5],
      ['Contact.Updated', 4],
      ['Contact.Deleted', 3],
      ['Contact.Updated', 2],
    ])
    expect(await tenant.get('Contact', kept.id)).toMatchObject({ title: 'a', $version: 7 })
    await tenant.undone(undone.commit ?? 0)
    await expect(tenant.get('Contact', kept.id)).rejects.toThrow('not_found')
  })

  test('takes back what one actor did since a time, and nothing of others; a second time there is nothing', async () => {
    const tenant = new Tenant()
    const ada = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } }, 'agent_1')
    await new Promise((resolve) => setTimeout(resolve, 5))
    const since = new Date().toISOString()
    await tenant.done({ noun: 'Contact', verb: 'update', id: ada.id, body: { title: 'a' } }, 'agent_1')
    await tenant.done({ noun: 'Contact', verb: 'update', id: ada.id, body: { phone: '1' } }, 'user_2')
    const bo = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Bo' } }, 'agent_1')
    const undone = await tenant.undoneMany({ actor: 'agent_1', since })
    expect(undone.events.map(({ type, target }) => [type, target])).toEqual([
      ['Contact.Deleted', bo.id],
      ['Contact.Updated', ada.id],
    ])
    const entity = await tenant.get('Contact', ada.id)
    expect(entity).toMatchObject({ name: 'Ada', phone: '1' })
    expect(entity).not.toHaveProperty('title')
    const again = await tenant.write({ verb: 'commits.undoMany', body: { actor: 'nobody', since } })
    expect(again).toMatchObject({ ok: true, isUnchanged: true })
    expect(toUndone(again)).toEqual({ commit: null, timestamp: null, actor: null, events: [] })
  })

  test('leaves out what the actor has undone already', async () => {
    const tenant = new Tenant()
    const since = '2020-01-01T00:00:00Z'
    const { commit } = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } })
    await tenant.undone(commit)
    expect((await tenant.undoneMany({ actor: 'user_1', since })).events).toEqual([])
  })

  test.each([
    [{}, 'from'],
    [{ from: 1 }, 'to'],
    [{ from: 2, to: 1 }, 'to'],
    [{ from: 1.5, to: 2 }, 'from'],
    [{ from: 1, to: 2, actor: 'user_1' }, 'from'],
    [{ actor: 'user_1' }, 'since'],
    [{ actor: '', since: '2020-01-01T00:00:00Z' }, 'actor'],
    [{ actor: 'user_1', since: 'yesterday' }, 'since'],
  ])('is refused for %j, and names %s', async (body, field) => {
    const tenant = new Tenant()
    await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } })
    expect(refusalOf(await tenant.write({ verb: 'commits.undoMany', body }))).toMatchObject({
      code: 'invalid_body',
      field,
    })
  })
})

describe('the undo of effects on other entities', () => {
  const without = ({ $version: _v, $updatedAt: _u, ...entity }: Json): Json => entity

  test('takes a merge back: both entities, every reference, unique values, and the tombstone', async () => {
    const tenant = new Tenant()
    const ada = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada', email: 'ada@b.co' } })
    const twin = await tenant.done({
      noun: 'Contact',
      verb: 'create',
      body: { name: 'A. L.', phone: '1', email: 'al@b.co', title: 'Countess' },
    })
    const deal = await tenant.done({ noun: 'Deal', verb: 'create', body: { name: 'd', value: 1, contact: twin.id } })
    const all = [
      ['Contact', ada.id],
      ['Contact', twin.id],
      ['Deal', deal.id],
    ] as const
    const read = async (): Promise<readonly Json[]> => Promise.all(all.map(([noun, id]) => tenant.get(noun, id)))
    const before = await read()
    const merged = await tenant.done({ noun: 'Contact', verb: 'merge', id: ada.id, body: { from: twin.id } })
    expect(await tenant.get('Contact', ada.id)).toMatchObject({ phone: '1', title: 'Countess' })
    const undone = await tenant.undone(merged.commit)
    expect((await read()).map(without)).toEqual(before.map(without))
    await tenant.undone(undone.commit ?? 0)
    expect(await tenant.get('Deal', deal.id)).toMatchObject({ contact: ada.id })
    await expect(tenant.get('Contact', twin.id)).rejects.toThrow('not_found')
  })

  test('brings back what a deletion deleted and cleared with it, and what an activity touched', async () => {
    const tenant = new Tenant()
    await tenant.done({ noun: 'Machine', verb: 'schema.put', body: { fields: { name: 'string!' } } })
    const definition = { fields: { name: 'string!', machine: '-> Machine' }, onDelete: { machine: 'cascade' } }
    await tenant.done({ noun: 'Part', verb: 'schema.put', body: definition })
    const machine = await tenant.done({ noun: 'Machine', verb: 'create', body: { name: 'a' } })
    const part = await tenant.done({ noun: 'Part', verb: 'create', body: { name: 'b', machine: machine.id } })
    const removed = await tenant.done({ noun: 'Machine', verb: 'delete', id: machine.id })
    await expect(tenant.get('Part', part.id)).rejects.toThrow('not_found')
    expect((await tenant.undone(removed.commit)).events).toHaveLength(2)
    expect(await tenant.get('Part', part.id)).toMatchObject({ name: 'b', machine: machine.id })

    const contact = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } })
    const first = await tenant.get('Contact', contact.id)
    const logged = await tenant.done({
      noun: 'Activity',
      verb: 'log',
      body: { subject: 'call', contact: contact.id },
    })
    expect(await tenant.get('Contact', contact.id)).toHaveProperty('lastEngagement')
    await tenant.undone(logged.commit)
    expect(without(await tenant.get('Contact', contact.id))).toEqual(without(first))
    await expect(tenant.get('Activity', logged.id)).rejects.toThrow('not_found')
  })
})

describe('the undo of definitions', () => {
  const vehicle = { fields: { name: 'string!', seats: 'integer?' } }

  test('removes a new Noun, but not one that has entities', async () => {
    const tenant = new Tenant()
    const defined = await tenant.done({ noun: 'Vehicle', verb: 'schema.put', body: vehicle })
    const { id, commit } = await tenant.done({ noun: 'Vehicle', verb: 'create', body: { name: 'Van' } })
    expect(refusalOf(await tenant.undo(defined.commit))).toMatchObject({ code: 'conflict', detail: { count: 1 } })
    await tenant.undone(commit)
    const undone = await tenant.undone(defined.commit)
    expect(undone.events).toMatchObject([{ type: 'Schema.Deleted' }])
    await expect(tenant.get('Vehicle', id)).rejects.toThrow('not_found')
    await tenant.undone(undone.commit ?? 0)
    expect((await tenant.done({ noun: 'Vehicle', verb: 'create', body: { name: 'Bus' } })).commit).toBeGreaterThan(0)
  })

  test('and of their entities works in one step', async () => {
    const tenant = new Tenant()
    const first = await tenant.done({ noun: 'Vehicle', verb: 'schema.put', body: vehicle })
    const made = await tenant.done({ noun: 'Vehicle', verb: 'create', body: { name: 'Van', seats: 3 } })
    const undone = await tenant.undoneMany({ from: first.commit, to: made.commit })
    expect(undone.events).toMatchObject([{ type: 'Vehicle.Deleted' }, { type: 'Schema.Deleted' }])
    const redone = await tenant.undone(undone.commit ?? 0)
    expect(redone.events).toMatchObject([{ type: 'Schema.Restored' }, { type: 'Vehicle.Restored' }])
    expect(await tenant.get('Vehicle', made.id)).toMatchObject({ name: 'Van', seats: 3, $version: 3 })
  })

  test('returns to the fields of before, unless a later one is in use', async () => {
    const tenant = new Tenant()
    await tenant.done({ noun: 'Vehicle', verb: 'schema.put', body: vehicle })
    const added = await tenant.done({ noun: 'Vehicle', verb: 'schema.patch', body: { fields: { color: 'string?' } } })
    const { id } = await tenant.done({ noun: 'Vehicle', verb: 'create', body: { name: 'Van', color: 'red' } })
    expect(refusalOf(await tenant.undo(added.commit))).toMatchObject({ code: 'conflict', field: 'color' })
    const cleared = await tenant.done({ noun: 'Vehicle', verb: 'update', id, body: { color: null } })
    await tenant.undone(added.commit)
    expect(refusalOf(await tenant.undo(cleared.commit))).toMatchObject({
      code: 'undo_conflict',
      detail: { conflicts: [{ id, field: 'color', reason: 'undefined', then: 'red' }] },
    })
  })

  test('takes all additions to a built-in Noun away, or refuses while one is in use', async () => {
    const tenant = new Tenant()
    const added = await tenant.done({ noun: 'Contact', verb: 'schema.patch', body: { fields: { shoe: 'number?' } } })
    const { id } = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada', shoe: 38 } })
    expect(refusalOf(await tenant.undo(added.commit))).toMatchObject({ code: 'conflict', field: 'shoe' })
    await tenant.done({ noun: 'Contact', verb: 'update', id, body: { shoe: null } })
    expect((await tenant.undone(added.commit)).events).toMatchObject([{ type: 'Schema.Deleted' }])
    expect(refusalOf(await tenant.write({ noun: 'Contact', verb: 'create', body: { name: 'Bo', shoe: 1 } })).code).toBe(
      'validation_error',
    )
  })
})

describe('a caller', () => {
  const restricted = (nouns: object): Authority =>
    parseAuthority(JSON.stringify({ who: 'user_2', nouns, others: { ...everything, read: 'none', write: 'none' } }))

  test('that sees nothing of the commit does not find it, and one that sees a part of the range may not undo it', async () => {
    const tenant = new Tenant()
    const org = await tenant.done({ noun: 'Organization', verb: 'create', body: { name: 'Initech' } })
    const contact = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada', title: 'a' } })
    const authority = restricted({ Contact: everything })
    expect(refusalOf(await tenant.undo(org.commit, { authority })).code).toBe('not_found')
    const hidesTitle = restricted({ Contact: { ...everything, hidden: ['title'] } })
    expect(refusalOf(await tenant.undo(contact.commit, { authority: hidesTitle })).code).toBe('forbidden')
    const third = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Bo' } })
    await tenant.done({ noun: 'Organization', verb: 'delete', id: org.id })
    const last = await tenant.done({ noun: 'Contact', verb: 'delete', id: third.id })
    const range = { from: contact.commit, to: last.commit }
    const refused = await tenant.write({ verb: 'commits.undoMany', body: range }, authority)
    expect(refusalOf(refused).code).toBe('forbidden')
  })

  test('needs the verb and the entity that the undo writes', async () => {
    const tenant = new Tenant()
    const { id, commit } = await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada' } })
    const mayUpdate = restricted({ Contact: { ...everything, verbs: ['update'] } })
    expect(refusalOf(await tenant.undo(commit, { authority: mayUpdate })).message).toContain('Contact.delete')
    const mayWriteOthers = restricted({ Contact: { ...everything, write: { name: 'Bo' } } })
    expect(refusalOf(await tenant.undo(commit, { authority: mayWriteOthers })).code).toBe('forbidden')
    const mayWrite = restricted({ Contact: { ...everything, write: { name: 'Ada' } } })
    expect((await tenant.undo(commit, { authority: mayWrite })).ok).toBe(true)
    await expect(tenant.get('Contact', id)).rejects.toThrow('not_found')
  })

  test('learns nothing about a hidden entity that refers to the deleted one', async () => {
    const tenant = new Tenant()
    const org = await tenant.done({ noun: 'Organization', verb: 'create', body: { name: 'Initech' } })
    await tenant.done({ noun: 'Contact', verb: 'create', body: { name: 'Ada', organization: org.id } })
    const refusal = refusalOf(await tenant.undo(org.commit, { authority: restricted({ Organization: everything }) }))
    expect(refusal).toMatchObject({ code: 'undo_conflict', detail: { conflicts: [], count: 1 } })
    expect(refusal.message).not.toContain('Contact')
  })
})
