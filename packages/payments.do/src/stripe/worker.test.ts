// A run that cannot succeed ends, so that the others get their turn.

import { expect, test } from 'vitest'
import { EventMarks } from './gaps.ts'
import { Hints } from './hints.ts'
import { PaymentWorker } from './worker.ts'

test('a run with a fault of its own fails, and the next one is made', async () => {
  const values = new Map<string, string>([
    ['stripe/mark/events', '9e12'],
    ['stripe/mark/daily', '9e12'],
  ])
  const store = {
    get: (key: string) => (values.has(key) ? { key, value: values.get(key) } : undefined),
    put: ({ key, value }: { readonly key: string; readonly value: string }) => void values.set(key, value),
    list: () => [],
  }
  const runs = [
    { id: 'paymentrun_1', dueMs: 1, kind: 'Reconciliation' },
    { id: 'paymentrun_2', dueMs: 2, kind: 'Gaps' },
  ]
  const ended: string[] = []
  let work = Promise.resolve()
  const parts = {
    tenant: () => 'acme',
    values: () => store,
    earliest: () => runs.slice(0, 1),
    read: (id: string) => runs.find((run) => run.id === id),
    background: (started: Promise<void>) => (work = started),
    answer: ({ verb, id }: { readonly verb: string; readonly id: string }) => {
      ended.push(`${verb} ${id}`)
      runs.shift()
      return Promise.resolve({ ok: true, body: '{}' })
    },
  }
  const connection = {
    parts,
    isConnected: true,
    findings: {},
    run: (made: (mirror: unknown) => Promise<unknown>) =>
      runs[0]?.kind === 'Reconciliation'
        ? Promise.reject(new Error('there are more than 100000 entities'))
        : made({ api: { get: () => Promise.resolve({ data: [] }) } }),
  }
  const hints = new Hints((() => store) as never, {} as never)
  const marks = new EventMarks((() => store) as never)
  const worker = new PaymentWorker({ connection: connection as never, hints, marks, now: () => 1_000 })
  await worker.step(1_000)
  await work
  expect(ended).toEqual(['fail paymentrun_1', 'succeed paymentrun_2'])
})
