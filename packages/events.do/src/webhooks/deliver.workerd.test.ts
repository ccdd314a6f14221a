// Deliveries from the real outbox, over days of a clock that the test moves, to receivers that fail in every way.

import { env, runInDurableObject } from 'cloudflare:test'
import type { ObjectParts, OutsideOutcome, SendOutside } from '@dotdo/service'
import { type EntityFields, type ObjectEvent, tryParseJson } from 'digital-objects'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { ExpiringValues } from '../../../@dotdo/do/src/identity/expiring-values.ts'
import { Outbox } from '../../../@dotdo/do/src/write/outbox.ts'
import { Deliveries, handlerPrefix } from './deliver.ts'
import { formatSecret } from './sign.ts'
import { StoredWebhooks } from './stored-webhooks.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const secret = formatSecret(new Uint8Array(32).fill(7))
const tables = [
  'CREATE TABLE log (seq INTEGER PRIMARY KEY, "commit" INTEGER, target TEXT)',
  'CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, handler TEXT NOT NULL, target TEXT NOT NULL, seq INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, parked INTEGER NOT NULL DEFAULT 0, error TEXT)',
  'CREATE TABLE expiring_values (key TEXT PRIMARY KEY, name TEXT, value TEXT NOT NULL, ends INTEGER, meta TEXT)',
]

interface Delivered {
  readonly url: string
  readonly atMs: number
  readonly target: string
  readonly version: number
}

/** The behaviour of a receiver at a time. */
type Receiver = (delivery: Omit<Delivered, 'url'>) => number | 'silent' | 'late'

class World {
  nowMs = 1_000_000_000_000
  readonly delivered: Delivered[] = []
  readonly attempts = new Map<string, number>()
  readonly webhooks = new Map<string, EntityFields>()
  readonly events: ObjectEvent[] = []
  readonly deliveries: Deliveries
  readonly outbox: Outbox<ObjectEvent>
  readonly values: ExpiringValues
  readonly #sql: SqlStorage
  readonly #receivers: Readonly<Record<string, Receiver>>
  #stamp = 0

  constructor(storage: DurableObjectStorage, receivers: Readonly<Record<string, Receiver>>) {
    const now = (): number => this.nowMs
    this.#sql = storage.sql
    for (const table of tables) storage.sql.exec(table)
    this.#receivers = receivers
    this.values = new ExpiringValues({ sql: storage.sql, now, changed: () => {} })
    for (const name of Object.keys(receivers))
      this.webhooks.set(`webhook_${name}`, {
        url: `https://${name}.example/hook`,
        events: ['*'],
        kind: 'Standard',
        owner: 'owner',
        status: 'Active',
        secretName: 'webhook-1',
      })
    const parts = this.#parts() as ObjectParts
    const webhooks = new StoredWebhooks(parts)
    this.deliveries = new Deliveries({ parts, webhooks, send: this.#send, now })
    this.outbox = new Outbox<ObjectEvent>({
      storage,
      now,
      handlers: [],
      changing: {
        handling: (event) => this.deliveries.handlers.handling(event).map((id) => handlerPrefix + id),
        find: (id) => ({
          id,
          handles: () => false,
          isExternal: () => false,
          ...this.deliveries.handlers.find(id.slice(handlerPrefix.length)),
        }),
      },
      event: (seq) => Promise.resolve(this.events[seq - 1]),
      commitEnd: (seq) => seq,
    })
  }

  #parts(): Partial<ObjectParts> {
    return {
      tenant: () => 'acme',
      read: (id) => this.webhooks.get(id),
      idsWith: (_, { value }) => [...this.webhooks].flatMap(([id, { status }]) => (status === value ? [id] : [])),
      stampOf: () => String(this.#stamp),
      values: () => this.values,
      secret: () => Promise.resolve(secret),
      hasten: (handler) => void this.outbox.hasten(handler),
      answerAs: (call) => {
        const event = this.events.find(({ id }) => id === call.id)
        return Promise.resolve({ ok: true, body: JSON.stringify(event) })
      },
      answer: (call) => {
        const { id = '', verb } = call as { readonly id?: string; readonly verb: string }
        const status = { fail: 'Failing', recover: 'Active', disable: 'Disabled', enable: 'Active' }[verb] ?? ''
        this.webhooks.set(id, { ...this.webhooks.get(id), status })
        this.#stamp++
        return Promise.resolve({ ok: true, body: '{}' })
      },
    }
  }

  readonly #send: SendOutside = ({ url, body, headers = {} }) => {
    const text = String(body)
    new Webhook(secret).verify(text, { ...headers, ...resigned(headers, text) })
    const { target, version } = tryParseJson(text) as { readonly target: string; readonly version: number }
    const delivery = { atMs: this.nowMs, target, version }
    this.attempts.set(url, (this.attempts.get(url) ?? 0) + 1)
    const said = this.#receivers[new URL(url).hostname.split('.')[0] ?? '']?.(delivery) ?? 404
    if (said === 200) this.delivered.push({ url, ...delivery })
    const outcome: OutsideOutcome =
      typeof said === 'number'
        ? { kind: 'answered', status: said, headers: new Headers(), body: new Uint8Array(), isCut: false, url }
        : { kind: 'failed', reason: said, isLate: said === 'late' }
    return Promise.resolve(outcome)
  }

  write(entity: number): void {
    const target = `contact_${entity}`
    const version = this.events.filter((event) => event.target === target).length + 1
    const seq = this.events.length + 1
    const timestamp = new Date(this.nowMs).toISOString()
    const meta = { $type: 'Contact', $id: target, $context: '', $version: version, $createdAt: timestamp }
    const data = { ...meta, $createdBy: 'owner', $updatedAt: timestamp }
    const event = { format: 1, id: `evt_${seq}`, seq, commit: seq, type: 'Contact.Updated', target, version, timestamp }
    this.events.push({ ...event, actor: 'owner', via: 'rest', noun: 'Contact@1', data, changes: {} } as ObjectEvent)
    this.#sql.exec('INSERT INTO log VALUES (?, ?, ?)', seq, seq, target)
    this.outbox.put({ seq, type: 'Contact.Updated', target, actor: 'owner' })
  }

  /** Runs what is due until this time. */
  async runUntil(endMs: number): Promise<void> {
    for (;;) {
      await this.outbox.step()
      const due = this.outbox.dueMs()
      if (due === undefined || due > endMs) break
      this.nowMs = Math.max(this.nowMs, due)
    }
    this.nowMs = Math.max(this.nowMs, endMs)
  }

  to(name: string): readonly Delivered[] {
    return this.delivered.filter(({ url }) => url.includes(`${name}.`))
  }
}

/** The library refuses times that are not today's, so its check of the signature is done for the delivery's own time. */
function resigned(headers: Readonly<Record<string, string>>, body: string): Record<string, string> {
  const at = new Date(Number(headers['webhook-timestamp']) * 1_000)
  expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(headers['webhook-id'] ?? '', at, body))
  // One reading of the clock: between two of them a second may begin.
  const nowSeconds = Math.floor(Date.now() / 1_000)
  return {
    'webhook-timestamp': String(nowSeconds),
    'webhook-signature': new Webhook(secret).sign(headers['webhook-id'] ?? '', new Date(nowSeconds * 1_000), body),
  }
}

function versionsByEntity(delivered: readonly Delivered[]): Readonly<Record<string, readonly number[]>> {
  const groups = Object.entries(Object.groupBy(delivered, ({ target }) => target))
  return Object.fromEntries(groups.map(([target, of = []]) => [target, of.map(({ version }) => version)]))
}

function inWorld(receivers: Readonly<Record<string, Receiver>>, run: (world: World) => Promise<void>): Promise<void> {
  return runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), (_, { storage }) =>
    run(new World(storage, receivers)),
  )
}

test('a receiver that is down for a day, hangs and fails loses nothing and no order, and delays no other', async () => {
  const start = 1_000_000_000_000
  const troubled: Receiver = ({ atMs, target }) => {
    const hours = (atMs - start) / hourMs
    if (hours >= 1 && hours < 27) return hours < 14 ? 'silent' : 'late'
    if (hours >= 30 && hours < 31) return 500
    return target === 'contact_3' && hours >= 40 && hours < 42 ? 400 : 200
  }
  await inWorld({ troubled, healthy: () => 200 }, async (world) => {
    for (let hour = 0; hour < 48; hour++) {
      for (let nth = 0; nth < 4; nth++) world.write((hour * 5 + nth * 3) % 7)
      await world.runUntil(start + (hour + 1) * hourMs)
      if (hour === 20) expect(world.webhooks.get('webhook_troubled')?.['status']).toBe('Failing')
      // The first answer lets everything go that waited.
      if (hour === 36) expect(world.to('troubled')).toHaveLength(world.events.length)
    }
    await world.runUntil(start + 60 * hourMs)
    const wanted = versionsByEntity(world.events.map((event) => ({ ...event, url: '', atMs: 0 })))
    expect(versionsByEntity(world.to('troubled'))).toEqual(wanted)
    expect(versionsByEntity(world.to('healthy'))).toEqual(wanted)
    for (const [at, { atMs }] of world.to('healthy').entries())
      expect(atMs).toBe(Date.parse(world.events[at]?.timestamp ?? ''))
    expect(world.webhooks.get('webhook_troubled')?.['status']).toBe('Active')
    expect(world.outbox.counts()).toEqual({ waiting: 0, parked: 0 })
    // While it was silent, it was tried alone, not once for each event.
    const tries = world.attempts.get('https://troubled.example/hook') ?? 0
    expect(tries - world.events.length).toBeLessThan(60)
    const log = world.values.list({ prefix: 'webhook-delivery:webhook_troubled:', limit: 1_000 })
    expect(log.length).toBeGreaterThan(0)
    expect(log.length).toBeLessThanOrEqual(200)
  })
})

test('after three days without a delivery it is disabled, keeps what waits, and sends it in order once it is enabled', async () => {
  const start = 1_000_000_000_000
  await inWorld({ gone: ({ atMs }) => (atMs - start < 5 * dayMs ? 503 : 200) }, async (world) => {
    for (let day = 0; day < 3; day++) {
      world.write(1)
      world.write(2)
      await world.runUntil(start + (day + 1) * dayMs)
    }
    await world.runUntil(start + 4 * dayMs)
    expect(world.webhooks.get('webhook_gone')?.['status']).toBe('Disabled')
    world.write(1)
    await world.runUntil(start + 6 * dayMs)
    expect(world.delivered).toEqual([])
    world.webhooks.set('webhook_gone', { ...world.webhooks.get('webhook_gone'), status: 'Active' })
    world.outbox.hasten(`${handlerPrefix}webhook_gone`)
    await world.runUntil(start + 7 * dayMs)
    // The event of the time in which it was disabled is in the log, for a replay.
    expect(versionsByEntity(world.delivered)).toEqual({ contact_1: [1, 2, 3], contact_2: [1, 2, 3] })
  })
})
