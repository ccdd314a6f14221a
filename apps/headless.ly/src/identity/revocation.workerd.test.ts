// Work in progress that ends: programs, jobs, undos, plans and streams whose key is revoked or expires, or whose role is cut.

import { env } from 'cloudflare:test'
import { askTenant, type Caller, parseAnswer, type ProgramStep } from 'objects.do'
import { expect, test, vi } from 'vitest'
import { KeyedTenant as Tenant, type Made } from '../../test/keyed-tenant.ts'

type End = 'revoked' | 'expired' | 'suspended' | 'cut to a viewer'
const ends: readonly End[] = ['revoked', 'expired', 'suspended', 'cut to a viewer']
/** A viewer may see everything still, and write nothing. */
const refusalOf = (end: End): string => (end === 'cut to a viewer' ? 'may not call Contact.create' : 'unauthorized')

interface Member {
  readonly tenant: Tenant
  readonly user: string
  readonly key: Made
  /** Takes the key's rights. */
  readonly end: () => Promise<void>
}

/** An administrator with a key. */
async function memberWhose(end: End): Promise<Member> {
  const tenant = new Tenant()
  const { $id: user } = await tenant.make('/User', { name: 'Ada', email: 'ada@example.com', role: 'Admin' })
  const key = await tenant.make('/ApiKey', { name: 'Ada', owner: user })
  const take = {
    revoked: () => tenant.post(`/ApiKey/${key.$id}/revoke`, {}),
    expired: () =>
      tenant.send('PATCH', `/ApiKey/${key.$id}`, { expiresAt: new Date(Date.now() - 1_000).toISOString() }),
    suspended: () => tenant.post(`/User/${user}/suspend`, {}),
    'cut to a viewer': () => tenant.send('PATCH', `/User/${user}`, { role: 'Viewer' }),
  }[end]
  const endNow = async (): Promise<void> => {
    const response = await take()
    if (!response.ok) throw new Error(await response.text())
  }
  return { tenant, user, key, end: endNow }
}

const countOf = async (tenant: Tenant, query = ''): Promise<number> =>
  (await (await tenant.ask(`/Contact/count${query}`)).json<{ count: number }>()).count

const contacts = (count: number, title = 'new') =>
  Array.from({ length: count }, (_, nth) => ({ name: `n${nth}`, title }))

/** Sends a step of a program as the front door does: with the id of the key only. */
async function programStep({ tenant, key }: Member, program: ProgramStep, names: readonly string[] = []) {
  const authority = {
    who: 'x',
    nouns: {},
    others: {},
    through: { kind: 'key', id: key.$id },
  } as unknown as Caller['authority']
  const caller: Caller = { tenant: tenant.name, context: `http://localhost/~${tenant.name}`, authority, via: 'sdk' }
  const calls = names.map(
    (name) => ({ kind: 'write', noun: 'Contact', verb: 'create', body: JSON.stringify({ name }) }) as const,
  )
  const answers = (await askTenant(env.TENANTS.getByName(tenant.name), { caller, calls, program })) ?? []
  return answers.map(parseAnswer)
}

test.each(ends)('a program whose key was %s writes nothing: neither its next calls nor its commit', async (end) => {
  const member = await memberWhose(end)
  const calls = { kind: 'calls', id: 'p1', isFirst: true } as const
  expect(await programStep(member, calls, ['a'])).toMatchObject([{ ok: true }])
  await member.end()
  const commit = { kind: 'commit', id: 'p1', key: { key: 'k', request: 'r' }, answer: '{}' } as const
  const late = [
    ...(await programStep(member, { ...calls, isFirst: false }, ['b'])),
    ...(await programStep(member, commit)),
  ]
  for (const answer of late) expect(answer).toMatchObject({ ok: false })
  expect(JSON.stringify(late)).toContain(refusalOf(end))
  expect(await countOf(member.tenant)).toBe(0)
})

interface Job {
  readonly id: string
  readonly state: string
  readonly done: number
  readonly refused: number
  readonly error: string | null
}

async function ended(tenant: Tenant, id: string): Promise<Job> {
  return vi.waitFor(
    async () => {
      const job = await (await tenant.ask(`/jobs/${id}`)).json<Job>()
      expect(job.state).not.toBe('running')
      return job
    },
    { timeout: 20_000, interval: 30 },
  )
}

test.each(ends)('a bulk job whose key was %s writes nothing more', async (end) => {
  const member = await memberWhose(end)
  const { tenant, key } = member
  const started = await tenant.post('/Contact/createMany', { entities: contacts(3_000) }, key.key)
  expect(started.status).toBe(202)
  const { job } = await started.json<{ job: Job }>()
  await member.end()
  const written = await countOf(tenant)
  const final = await ended(tenant, job.id)
  expect(await countOf(tenant)).toBe(written)
  expect(written).toBeLessThan(3_000)
  if (end === 'cut to a viewer') expect(final.refused).toBe(3_000 - written)
  else
    expect(final).toMatchObject({ state: 'failed', error: expect.stringContaining('the key is not valid') as string })
})

test.each(['revoked', 'cut to a viewer'] as const)(
  'an undo job whose key was %s takes nothing more back',
  async (end) => {
    const member = await memberWhose(end)
    const { tenant, key } = member
    const answer = await tenant.post('/Contact/createMany', { entities: contacts(2_000) })
    const { job: made } = await answer.json<{ job: Job }>()
    await ended(tenant, made.id)
    const started = await tenant.post('/commits/undo', { job: made.id }, key.key)
    expect([started.status, await countOf(tenant)]).toEqual([202, 2_000])
    const { job } = await started.json<{ job: Job }>()
    await member.end()
    const left = await countOf(tenant)
    const final = await ended(tenant, job.id)
    expect([final.state === 'done' && final.refused === 0, await countOf(tenant)]).toEqual([false, left])
  },
)

test.each(ends)('the plan of a key that was %s is executed by nobody', async (end) => {
  const member = await memberWhose(end)
  const { tenant, key } = member
  const tried = await tenant.post('/Contact?dryRun=true', { name: 'Bo' }, key.key)
  const { plan } = await tried.json<{ plan: string | { id: string } }>()
  const id = typeof plan === 'string' ? plan : plan.id
  await member.end()
  const statuses = [
    (await tenant.post(`/commits/plan/${id}`, {})).status,
    (await tenant.post(`/commits/plan/${id}`, {}, key.key)).status,
  ]
  for (const status of statuses) expect([401, 403, 404, 409]).toContain(status)
  expect(await countOf(tenant)).toBe(0)
})

test.each(['socket', 'stream'] as const)(
  'a %s gets nothing after the time at which its key ends by itself',
  async (kind) => {
    const tenant = new Tenant()
    const expiresAt = new Date(Date.now() + 1_000).toISOString()
    const { key } = await tenant.make('/ApiKey', { name: 'short', expiresAt })
    const socket = kind === 'socket' ? await tenant.listen('/events', key) : undefined
    const stream = socket
      ? undefined
      : (await tenant.ask('/events', { key, headers: { accept: 'text/event-stream' } })).text()
    await tenant.make('/Contact', { name: 'before' })
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(expiresAt)), { timeout: 2_000 })
    await tenant.make('/Contact', { name: 'after' })
    if (socket !== undefined) await vi.waitFor(() => expect(socket.seen.at(-1)).toBe('closed 4001'))
    const heard = socket?.seen.join() ?? (await stream)
    expect([heard?.includes('before'), heard?.includes('after')]).toEqual([true, false])
  },
)

test('a key is made by a request of its own only, so that its secret is stored nowhere', async () => {
  const tenant = new Tenant()
  await tenant.make('/Contact', { name: 'Ada' })
  const create = { method: 'POST', path: '/ApiKey', body: { name: 'CI' } }
  const answers = [
    await tenant.post('/batch', { operations: [create] }),
    await tenant.post('/ApiKey/createMany', { entities: [{ name: 'CI' }] }),
    await tenant.post('/ApiKey?dryRun=true', { name: 'CI' }),
  ]
  for (const answer of answers) expect(await answer.text()).toContain('create it by POST /ApiKey')
  expect(await (await tenant.ask('/ApiKey?strong=true')).json()).toMatchObject({ results: [] })
  // A record of a key that was made elsewhere has no secret.
  const known = { entities: [{ name: 'elsewhere', keyPrefix: 'sk_live_abc' }] }
  expect((await tenant.post('/ApiKey/createMany', known)).status).toBe(200)
})

test('the key that a member makes is that of the member, and ends with the member', async () => {
  const member = await memberWhose('suspended')
  const { tenant, user, key } = member
  const made = await tenant.make('/ApiKey', { name: 'mine' }, key.key)
  expect(made['owner']).toBe(user)
  expect((await tenant.make('/ApiKey', { name: 'of the machine' }))['owner']).toBeUndefined()
  await member.end()
  expect((await tenant.ask('/Contact?strong=true', { key: made.key })).status).toBe(401)
})
