// Bulk jobs on the real object, which is killed in the middle of them.

import { env } from 'cloudflare:test'
import { fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'

const callerOf = (who: string) =>
  ({ tenant: 'bulk', context: 'http://localhost/~bulk', authority: fullAuthority(who), via: 'rest' }) as const
const caller = callerOf('ada')

interface Job {
  readonly id: string
  readonly state: string
  readonly done: number
  readonly total: number
  readonly refused: number
  readonly refusals: readonly { readonly field: string; readonly status: number }[]
}

function bodyOf(answer: Answer): Record<string, unknown> {
  if (!answer.ok) throw new Error(`expected an answer, got ${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Record<string, unknown>
}

/** A tenant whose object can be killed. */
function openTenant() {
  const id = env.TENANTS.newUniqueId()
  const stub = () => env.TENANTS.get(id)
  const send = (verb: string, body: object, more: object = {}) =>
    ask(stub(), caller, { kind: 'write', verb, noun: 'Contact', body: JSON.stringify(body), ...more })
  const read = async (name: string, given: object = {}) =>
    bodyOf(await askRead(stub(), caller, { read: name, ...given }))
  const count = async (parameters: Record<string, string> = {}) =>
    (await read('count', { noun: 'Contact', parameters }))['count']
  const kill = async (): Promise<void> => {
    await stub()
      .end()
      .catch(() => undefined)
  }
  const job = async (started: Job) => (await read('job', { id: started.id })) as unknown as Job
  /** Kills the object some times before the job has ended. */
  const finished = async (started: Job, kills = 0): Promise<Job> => {
    for (let round = 0; round < 400; round++) {
      const now = await job(started).catch(() => started)
      if (now.state !== 'running') return now
      if (round < kills) await kill()
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
    throw new Error('the job did not end')
  }
  return { send, read, count, finished }
}

const startedJob = (answer: Answer): Job => bodyOf(answer)['job'] as Job

test('what is too large for a commit is a job, which a crash neither repeats nor shortens', async () => {
  const tenant = openTenant()
  const entities = Array.from({ length: 1_501 }, (_, at) => ({
    name: `n${at}`,
    title: 'new',
    ...(at === 700 ? { emial: 'x' } : {}),
  }))
  const answer = await tenant.send('createMany', { entities }, { idempotencyKey: 'k' })
  expect(answer).toMatchObject({ ok: true, isUnfinished: true })
  const started = startedJob(answer)
  expect(started).toMatchObject({ state: 'running', done: 0, total: 1_501, isAtomic: false })
  const again = await tenant.send('createMany', { entities }, { idempotencyKey: 'k' })
  expect(startedJob(again).id).toBe(started.id)
  const done = await tenant.finished(started, 4)
  expect(done).toMatchObject({
    state: 'done',
    done: 1_501,
    refused: 1,
    refusals: [{ field: 'entities[700]', status: 422 }],
  })
  expect(await tenant.count()).toBe(1_500)
  const { results } = await tenant.read('jobs')
  expect(results).toMatchObject([{ id: started.id, kind: 'createMany', noun: 'Contact' }])

  // A filter no longer matches what the job has changed.
  const changed = startedJob(await tenant.send('updateMany', { filter: { title: 'new' }, set: { title: 'old' } }))
  expect(await tenant.finished(changed, 2)).toMatchObject({
    state: 'done',
    done: 1_500,
    total: 1_500,
    refused: 0,
  })
  expect(await tenant.count({ title: 'old' })).toBe(1_500)
  const removed = startedJob(await tenant.send('deleteMany', { filter: {} }))
  expect(await tenant.finished(removed, 2)).toMatchObject({ state: 'done', done: 1_500 })
  expect(await tenant.count()).toBe(0)
})

test('a dry run and a batch refuse what would be a job', async () => {
  const tenant = openTenant()
  const entities = Array.from({ length: 1_001 }, () => ({ name: 'Ada' }))
  const tried = bodyOf(await tenant.send('createMany', { entities }, { isDryRun: true }))
  expect(tried).toMatchObject({ events: [], refusals: [{ status: 413 }], plan: null })
  expect(await tenant.read('jobs')).toEqual({ results: [] })
})

test('a job that loses its entity type fails, and says why', async () => {
  const tenant = openTenant()
  const define = (verb: string, body: object) => tenant.send(verb, body, { noun: 'Robot' })
  await define('schema.put', { fields: { name: 'string!' } })
  const entities = Array.from({ length: 1_001 }, () => ({ nam: 'x' }))
  const started = startedJob(await define('createMany', { entities }))
  await define('schema.delete', {})
  const ended = await tenant.finished(started)
  expect(['failed', 'done']).toContain(ended.state)
  expect(ended).toMatchObject(
    ended.state === 'failed' ? { error: expect.stringContaining('Robot') as unknown } : { refused: 1_001 },
  )
})

test('the number of unfinished jobs has a limit', async () => {
  const tenant = openTenant()
  const entities = Array.from({ length: 1_001 }, () => ({ nam: 'x' }))
  const answers = await Promise.all(Array.from({ length: 25 }, () => tenant.send('createMany', { entities })))
  const refused = answers.filter((answer) => !answer.ok)
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.every((answer) => !answer.ok && answer.error.code === 'overloaded')).toBe(true)
  for (const answer of answers) if (answer.ok) await tenant.finished(startedJob(answer))
  expect(startedJob(await tenant.send('createMany', { entities })).state).toBe('running')
})
