// Undos beyond the limits of a commit, on the real object, which is killed in the middle of them.

import { env } from 'cloudflare:test'
import { fullAuthority, type JsonValue } from 'digital-objects'
import { expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'

const callerOf = (who: string) =>
  ({ tenant: 'undo', context: 'http://localhost/~undo', authority: fullAuthority(who), via: 'rest' }) as const
const ada = callerOf('ada')

type Body = Readonly<Record<string, JsonValue>>

interface Job {
  readonly id: string
  readonly state: string
  readonly done: number
  readonly total: number
  readonly refused: number
  readonly refusals: readonly { readonly field: string; readonly problem: Body }[]
  readonly error: string | null
}

interface Event {
  readonly type: string
  readonly target: string
  readonly commit: number
  readonly undoes?: number
}

function bodyOf(answer: Answer): Body {
  if (!answer.ok) throw new Error(`expected an answer, got ${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Body
}

interface Sent {
  readonly noun?: string
  readonly id?: string
  readonly idempotencyKey?: string
}

/** A tenant whose object can be killed. */
function openTenant() {
  const objectId = env.TENANTS.newUniqueId()
  const stub = () => env.TENANTS.get(objectId)
  const trySend = (verb: string, body: object, { noun = 'Contact', ...more }: Sent = {}, by = ada): Promise<Answer> =>
    ask(stub(), by, { kind: 'write', verb, noun, body: JSON.stringify(body), ...more })
  const send = async (...[verb, body, sent, by]: Parameters<typeof trySend>): Promise<Body> =>
    bodyOf(await trySend(verb, body, sent, by))
  const undo = (selection: object, more: Sent = {}) => trySend('commits.undoMany', selection, { noun: '', ...more })
  const read = async (name: string, given: object = {}) => bodyOf(await askRead(stub(), ada, { read: name, ...given }))
  const all = async (name: string, parameters: Readonly<Record<string, string>> = {}): Promise<Body[]> => {
    const found: Body[] = []
    for (let cursor: JsonValue = ''; typeof cursor === 'string';) {
      const page: Body = await read(name, {
        ...(name === 'events' ? {} : { noun: 'Contact' }),
        parameters: { limit: '100', ...parameters, ...(cursor === '' ? {} : { cursor }) },
      })
      found.push(...(page['results'] as Body[]))
      cursor = page['hasMore'] === true ? (page['cursor'] ?? null) : null
    }
    return found
  }
  const events = async () => (await all('events')) as unknown as readonly Event[]
  /** The fields of all contacts by id. */
  const world = async () =>
    new Map(
      (await all('find', { sort: '$id' })).map((entity) => [
        entity['$id'],
        Object.fromEntries(Object.entries(entity).filter(([name]) => !name.startsWith('$'))),
      ]),
    )
  const job = async (id: string) => (await read('job', { id })) as unknown as Job
  /** Kills the object some times before the job has ended. */
  const finished = async (answer: Answer, kills = 0): Promise<Job> => {
    const started = bodyOf(answer)['job'] as unknown as Job
    for (let round = 0; round < 800; round++) {
      const now = await job(started.id).catch(() => started)
      if (now.state !== 'running') return now
      if (round < kills)
        await stub()
          .end()
          .catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
    throw new Error('the job did not end')
  }
  return { send, trySend, undo, events, world, finished }
}

type Tenant = ReturnType<typeof openTenant>

const entities = (count: number, title: string) => Array.from({ length: count }, (_, at) => ({ name: `n${at}`, title }))

/** Creates contacts by a job. Returns its id. */
async function makeByJob({ trySend, finished }: Tenant, count: number): Promise<string> {
  const job = await finished(await trySend('createMany', { entities: entities(count, 'new') }))
  expect(job).toMatchObject({ state: 'done', refused: 0 })
  return job.id
}

test('the undo of a job is a job, which a crash neither repeats nor shortens; undoing it restores everything', async () => {
  const tenant = openTenant()
  await tenant.send('create', { name: 'kept' })
  const made = await makeByJob(tenant, 1_201)
  const before = await tenant.world()
  const answer = await tenant.undo({ job: made }, { idempotencyKey: 'k' })
  expect(answer).toMatchObject({ ok: true, isUnfinished: true })
  const again = await tenant.undo({ job: made }, { idempotencyKey: 'k' })
  expect(again).toMatchObject({ ok: true, isUnfinished: true, body: answer.ok ? answer.body : '' })
  const undone = await tenant.finished(answer, 2)
  expect(undone).toMatchObject({ state: 'done', done: 1_201, total: 1_201, refused: 0, error: null })
  expect([...(await tenant.world()).values()]).toMatchObject([{ name: 'kept' }])
  const log = await tenant.events()
  const deletions = log.filter(({ type }) => type === 'Contact.Deleted')
  expect(new Set(deletions.map(({ target }) => target)).size).toBe(1_201)
  expect(deletions).toHaveLength(1_201)
  for (const { undoes, target } of deletions) expect(undoes).toBe(log.find((event) => event.target === target)?.commit)

  const redone = await tenant.finished(await tenant.undo({ job: undone.id }), 1)
  expect(redone).toMatchObject({ state: 'done', done: 1_201, refused: 0 })
  expect(await tenant.world()).toEqual(before)
  const third = await tenant.finished(await tenant.undo({ job: redone.id }))
  expect(third).toMatchObject({ state: 'done', done: 1_201, refused: 0 })
  expect((await tenant.world()).size).toBe(1)
})

test.each<[string, (tenant: Tenant, id: string) => Promise<unknown>, object]>([
  [
    'was changed since',
    ({ send }, id) => send('update', { title: 'other' }, { id }),
    { entityType: 'Contact', reason: 'changed', field: 'title', now: 'other' },
  ],
  [
    'has come to be referred to',
    ({ send }, id) => send('create', { name: 'd', value: 1, contact: id }, { noun: 'Deal' }),
    { entityType: 'Deal', reason: 'refers', field: 'contact' },
  ],
  [
    'was deleted since',
    ({ trySend }, id) => trySend('delete', {}, { id }),
    { entityType: 'Contact', reason: 'deleted' },
  ],
])('an undo as a job is refused before it begins if one entity %s', async (_, change, conflict) => {
  const tenant = openTenant()
  const made = await makeByJob(tenant, 1_001)
  const [id] = [...(await tenant.world()).keys()].slice(500)
  await change(tenant, String(id))
  const before = await tenant.events()
  const job = await tenant.finished(await tenant.undo({ job: made }))
  expect(job).toMatchObject({
    state: 'failed',
    done: 0,
    error: expect.stringContaining('conflicts with what happened since') as string,
    refusals: [{ status: 409, problem: { code: 'undo_conflict', count: 1, conflicts: [conflict] } }],
  })
  expect(await tenant.events()).toEqual(before)
})

test('a range and an actor are taken back as if in one commit: what others did stays, and what was undone already', async () => {
  const tenant = openTenant()
  const eve = callerOf('eve')
  const kept = String((await tenant.send('create', { name: 'kept', title: 'before' }))['$id'])
  const first = (await tenant.events()).length + 1
  await tenant.send('createMany', { entities: entities(600, 'new') })
  await tenant.send('update', { title: 'by ada' }, { id: kept })
  await tenant.send('update', { phone: 'by eve' }, { id: kept }, eve)
  await tenant.send('updateMany', { filter: { title: 'new' }, set: { title: 'newer' } })
  const wrong = (await tenant.events()).length + 1
  await tenant.send('update', { leadScore: 1 }, { id: kept })
  await tenant.send('commits.undo', {}, { noun: '', id: String(wrong) })
  const full = await tenant.world()
  const job = await tenant.finished(
    await tenant.undo({ actor: 'ada', since: new Date(Date.now() - 600_000).toISOString() }),
  )
  // Its creation is part of it, and was changed by somebody else.
  expect(job).toMatchObject({ state: 'failed', done: 0 })
  expect(await tenant.world()).toEqual(full)

  const last = Number((await tenant.events()).at(-1)?.commit)
  const range = await tenant.finished(await tenant.undo({ from: first, to: last }), 1)
  expect(range).toMatchObject({ state: 'done', refused: 0 })
  expect(await tenant.world()).toEqual(new Map([[kept, { ...full.get(kept), title: 'before', phone: undefined }]]))
  const redone = await tenant.finished(await tenant.undo({ job: range.id }))
  expect(redone).toMatchObject({ state: 'done', refused: 0 })
  expect(await tenant.world()).toEqual(full)
})

test('a change that comes while an undo runs is either before it, which refuses it, or kept, or too late', async () => {
  const tenant = openTenant()
  const made = await makeByJob(tenant, 1_400)
  const ids = [...(await tenant.world()).keys()].map(String)
  const started = await tenant.undo({ job: made })
  const changed: string[] = []
  const ending = tenant.finished(started)
  for (const id of ids.filter((_, at) => at % 100 === 0)) {
    const answer = await tenant.trySend('update', { title: 'other' }, { id })
    if (answer.ok) changed.push(id)
  }
  const job = await ending
  const world = await tenant.world()
  for (const id of changed) expect(world.get(id)).toMatchObject({ title: 'other' })
  if (job.state === 'failed') expect(world.size).toBe(1_400)
  else {
    // A commit of the job is taken back as a whole or left.
    expect(world.size).toBe(job.refused)
    expect(job.done).toBe(1_400)
    for (const { problem } of job.refusals) expect(problem['code']).toBe('undo_conflict')
    expect(job.refusals.length > 0).toBe(changed.length > 0)
  }
})

test('what is irreversible refuses the whole undo', async () => {
  const tenant = openTenant()
  const robot = { noun: 'Robot' }
  await tenant.send(
    'schema.put',
    {
      fields: { name: 'string!', state: 'Made | Scrapped', scrap: 'Scrapped' },
      state: 'state',
      transitions: [{ from: ['Made'], verb: 'scrap', to: 'Scrapped', irreversible: true }],
    },
    robot,
  )
  const job = await tenant.finished(
    await tenant.trySend('createMany', { entities: Array.from({ length: 1_001 }, () => ({ name: 'x' })) }, robot),
  )
  expect(job.state).toBe('done')
  const [made] = (await tenant.events()).filter(({ type }) => type === 'Robot.Created')
  await tenant.send('scrap', {}, { ...robot, id: made?.target ?? '' })
  const { length } = await tenant.events()
  const undone = await tenant.finished(await tenant.undo({ from: 2, to: length }))
  expect(undone).toMatchObject({
    state: 'failed',
    done: 0,
    refusals: [{ status: 409, problem: { code: 'undo_irreversible' } }],
  })
  expect(await tenant.events()).toHaveLength(length)
})

test('a job can be undone by who may see it, once it has ended', async () => {
  const tenant = openTenant()
  const made = await makeByJob(tenant, 1_001)
  const refused = async (answer: Promise<Answer>): Promise<unknown> => {
    const { ok, ...rest } = await answer
    return ok ? 'accepted' : rest
  }
  const all = fullAuthority('mallory')
  const mallory = { ...ada, authority: { ...all, nouns: { Contact: { ...all.others, verbs: [] } } } }
  expect(await refused(tenant.trySend('commits.undoMany', { job: made }, { noun: '' }, mallory))).toMatchObject({
    error: { code: 'not_found', field: 'job' },
  })
  const running = await tenant.undo({ job: made })
  const { id } = bodyOf(running)['job'] as unknown as Job
  expect(await refused(tenant.undo({ job: id }))).toMatchObject({ error: { code: 'conflict', field: 'job' } })
  await tenant.finished(running)
  expect(await refused(tenant.undo({ job: 'job_000000000000' }))).toMatchObject({ error: { code: 'not_found' } })
  expect(await refused(tenant.undo({ job: made, from: 1 }))).toMatchObject({ error: { field: 'from' } })
  // All of it was taken back.
  expect(await refused(tenant.undo({ job: made }))).toBe('accepted')
})
