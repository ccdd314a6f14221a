// Runs programs next to the data, many at once, over few entities, so that they meet: write skew, phantoms, lost updates,
// and audits between them. Returns the history of what each saw.

import { seededRandom } from '@dotdo/db'
import type { History, Operation, Transaction } from './history.ts'

export interface RunOptions {
  readonly tenantUrl: string
  readonly clients: number
  /** Programs of each client. */
  readonly programs: number
  readonly seed: number
  /** False runs them without atomicity, to show that the checks notice. */
  readonly isAtomic: boolean
}

const groups = ['a', 'b', 'c'] as const
const kinds = ['skew', 'phantom', 'increment', 'move', 'audit', 'swap', 'fail'] as const

/** Runs in the sandbox. It sees nothing but its arguments. */
const source = `async ($, { number, kind, first, second, pick }) => {
  const trace = []
  const note = (operation) => { trace.push(operation) }
  const count = async (group) => {
    const found = await $.Slot.count({ group })
    note({ op: 'count', group, count: found })
    return found
  }
  const list = async (group) => {
    const found = await $.Slot.find({ group }, { limit: 100 })
    const slots = found.map(({ $id, value }) => [$id, value])
    note({ op: 'list', group, slots })
    return slots
  }
  const get = async (id) => {
    const slot = await $.Slot.get(id).catch((error) => { if (error.code !== 'not_found') throw error })
    note({ op: 'get', id, value: slot?.value ?? null })
    return slot
  }
  const create = async (group, value) => {
    const { $id } = await $.Slot.create({ group, value, by: number })
    note({ op: 'create', group, id: $id, value })
    return $id
  }
  const update = async (id, value) => {
    await $.Slot.update(id, { value, by: number })
    note({ op: 'update', id, value })
  }
  const remove = async (id) => {
    await $.Slot.update(id, { by: number })
    await $.Slot.delete(id)
    note({ op: 'remove', id })
  }
  const one = async (group) => {
    const slots = await list(group)
    return slots.length === 0 ? undefined : slots[pick % slots.length]
  }
  const programs = {
    skew: async () => {
      if ((await count(first)) + (await count(second)) < 6) await create(first, number)
    },
    phantom: async () => {
      for (const [id, value] of await list(first)) await update(id, value + 1)
      if ((await count(second)) < 3) await create(second, 0)
      await list(first)
    },
    increment: async () => {
      const slot = await one(first)
      if (slot === undefined) return create(first, 1)
      const { value } = (await get(slot[0])) ?? {}
      if (value !== undefined) await update(slot[0], value + 1)
      await get(slot[0])
    },
    move: async () => {
      const slot = await one(first)
      if (slot === undefined) return
      await remove(slot[0])
      const id = await create(second, slot[1])
      await count(first)
      await get(id)
    },
    audit: async () => {
      await list(first)
      await count(second)
      await list(second)
    },
    swap: async () => {
      const [a, b] = [await one(first), await one(second)]
      if (a === undefined || b === undefined || a[0] === b[0]) return
      await update(a[0], b[1])
      await update(b[0], a[1])
    },
    fail: async () => {
      await create(first, -1)
      const slot = await one(second)
      if (slot !== undefined) await update(slot[0], -1)
      throw new Error('on purpose')
    },
  }
  await programs[kind]()
  return trace
}`

export async function runPrograms({ tenantUrl, clients, programs, seed, isAtomic }: RunOptions): Promise<History> {
  await defineSlot(tenantUrl)
  const random = seededRandom(seed)
  const start = performance.now()
  const nowMicros = (): number => Math.round((performance.now() - start) * 1_000)
  const transactions: Transaction[] = []
  const failures: Record<string, number> = {}
  let retries = 0
  let number = 0
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value
  const runClient = async (client: number): Promise<void> => {
    for (let at = 0; at < programs; at++) {
      const given = {
        number: ++number,
        kind: pick(kinds),
        first: pick(groups),
        second: pick(groups),
        pick: Math.floor(random() * 10),
      }
      const call = nowMicros()
      const outcome = await send(tenantUrl, { code: source, given, ...(isAtomic ? {} : { atomic: false }) })
      const code = outcome.code ?? 'done'
      failures[code] = (failures[code] ?? 0) + 1
      retries += outcome.attempts - 1
      transactions.push({ number: given.number, client, call, return: nowMicros(), operations: outcome.operations })
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => runClient(client)))
  return { transactions, order: await readOrder(tenantUrl), failures, retries }
}

async function defineSlot(tenantUrl: string): Promise<void> {
  const fields = { group: 'string!#', value: 'integer!', by: 'integer!' }
  const answer = await fetch(`${tenantUrl}/schema/Slot`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fields }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

async function send(
  tenantUrl: string,
  body: object,
): Promise<{ readonly operations: readonly Operation[]; readonly attempts: number; readonly code?: string }> {
  let attempts = 0

  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`${tenantUrl}/do`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    attempts += Number(answer.headers.get('x-headlessly-attempts') ?? 1)
    if (answer.ok)
      return { attempts, operations: (JSON.parse(text) as { readonly result: readonly Operation[] }).result }
    const { code } = JSON.parse(text) as { readonly code: string }
    // The server has done nothing and asks to be called again.
    const isRefused = answer.status === 503 && code === 'overloaded' && attempt < 20
    if (!isRefused) return { operations: [], attempts, code }
    attempts = 0
    await new Promise((resolve) => setTimeout(resolve, 100 * attempt))
  }
}

/** Returns the programs by the events that they made, each once. A program whose events others interrupt appears twice. */
async function readOrder(tenantUrl: string): Promise<readonly number[]> {
  const order: number[] = []
  for (let cursor = ''; ;) {
    const answer = await fetch(`${tenantUrl}/events?limit=1000&type=Slot.*${cursor}`)
    if (!answer.ok) throw new Error(await answer.text())
    const page = (await answer.json()) as {
      readonly results: readonly { readonly data: { readonly by: number } }[]
      readonly hasMore: boolean
      readonly cursor: string | null
    }
    for (const { data } of page.results) if (order.at(-1) !== data.by) order.push(data.by)
    if (!page.hasMore || page.cursor === null) return order
    cursor = `&cursor=${encodeURIComponent(page.cursor)}`
  }
}
