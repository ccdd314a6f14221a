// Workflows on the server that ships: they start on events, perform their steps in commits of their own, wait, retry and end.

import { expect, test } from 'vitest'
import { killServer } from '../../../soak/kill-server.ts'
import { useServer } from './server.ts'

const { call, server, tenant } = useServer()

type Json = Readonly<Record<string, unknown>>

async function create(t: string, noun: string, body: Json): Promise<string> {
  const { status, body: made } = await call('POST', `/~${t}/${noun}`, body)
  expect([status, made]).toEqual([201, expect.objectContaining({ $type: noun })])
  return String(made['$id'])
}

async function activate(t: string, workflow: Json): Promise<string> {
  const id = await create(t, 'Workflow', { name: 'Test', ...workflow })
  const { status, body } = await call('POST', `/~${t}/Workflow/${id}/activate`)
  expect([status, body]).toEqual([200, expect.objectContaining({ status: 'Activated' })])
  return id
}

async function all(t: string, noun: string): Promise<readonly Json[]> {
  return (await call('GET', `/~${t}/${noun}?strong=true&sort=$createdAt`)).body['results'] as Json[]
}

/** The runs, once none of them goes on. */
async function endedRuns(t: string, count = 1): Promise<readonly Json[]> {
  const isEnded = ({ status }: Json): boolean => status === 'Succeeded' || status === 'Failed'
  await expect
    .poll(async () => (await all(t, 'WorkflowRun')).filter(isEnded).length, { timeout: 20_000, interval: 50 })
    .toBe(count)
  return all(t, 'WorkflowRun')
}

const get = async (t: string, noun: string, id: unknown): Promise<Json> =>
  (await call('GET', `/~${t}/${noun}/${String(id)}?strong=true`)).body

test('a workflow runs its steps on an event, if its conditions hold, and its writes name their cause', async () => {
  const t = tenant()
  const workflow = await activate(t, {
    triggerEvent: 'Deal.Won',
    conditions: [{ field: 'value', op: '$gte', value: 1000 }],
    steps: [
      { action: 'Project.create', mapping: { name: '"Onboarding: " + deal.name', description: 'kickoff' } },
      {
        action: 'Issue.create',
        mapping: { title: "'Set up ' + step.0.name", project: 'step.0.$id' },
        priority: 'High',
      },
      { action: 'Deal.update', mapping: { nextStep: 'step.1.title' } },
    ],
  })
  const small = await create(t, 'Deal', { name: 'Small', value: 999 })
  const large = await create(t, 'Deal', { name: 'Large', value: 1000 })
  await call('POST', `/~${t}/Deal/${small}/win`)
  await call('POST', `/~${t}/Deal/${large}/win`)
  const [run] = await endedRuns(t)
  expect(run).toMatchObject({ workflow, status: 'Succeeded', cause: 'Event', eventType: 'Deal.Won', target: large })
  expect(run?.['log']).toMatchObject([
    { action: 'Project.create' },
    { action: 'Issue.create' },
    { action: 'Deal.update' },
  ])
  const [project] = await all(t, 'Project')
  expect(project).toMatchObject({ name: 'Onboarding: Large', description: 'kickoff' })
  expect(await all(t, 'Issue')).toMatchObject([
    { title: 'Set up Onboarding: Large', project: project?.['$id'], priority: 'High' },
  ])
  expect(await get(t, 'Deal', large)).toMatchObject({ nextStep: 'Set up Onboarding: Large', stage: 'Won' })
  expect(await get(t, 'Workflow', workflow)).toMatchObject({ runCount: 1, successCount: 1, status: 'Activated' })
  const { results } = (await call('GET', `/~${t}/events?type=Project.Created`)).body as { results: Json[] }
  expect(results).toMatchObject([{ via: 'workflow', actor: workflow, causedBy: run?.['event'] }])
})

test('a step works on each item of what a step before has found', async () => {
  const t = tenant()
  for (const name of ['Ada', 'Bo', 'Cy']) await create(t, 'Contact', { name, source: name === 'Cy' ? 'web' : 'fair' })
  await activate(t, {
    triggerEvent: 'Campaign.Created',
    steps: [
      { action: 'Contact.find', filter: { source: 'fair' } },
      {
        action: 'Activity.create',
        forEach: 'results',
        mapping: { subject: '"Call " + item.name', contact: 'item.$id' },
      },
      { action: 'Contact.qualify', forEach: 'step.0' },
    ],
  })
  await create(t, 'Campaign', { name: 'Spring' })
  expect(await endedRuns(t)).toMatchObject([{ status: 'Succeeded' }])
  const activities = await all(t, 'Activity')
  expect(new Set(activities.map(({ subject }) => subject))).toEqual(new Set(['Call Ada', 'Call Bo']))
  const stages = (await all(t, 'Contact')).map(({ name, stage }) => [name, stage])
  expect(Object.fromEntries(stages)).toEqual({ Ada: 'Qualified', Bo: 'Qualified', Cy: 'Lead' })
})

test('a step waits on the clock of the tenant', async () => {
  const t = tenant()
  await call('POST', `/~${t}/clock`, { now: '2026-01-01T00:00:00Z' })
  await activate(t, {
    triggerEvent: 'Contact.Created',
    steps: [{ delay: '2d', action: 'Activity.create', mapping: { subject: '"Welcome " + contact.name' } }],
  })
  await create(t, 'Contact', { name: 'Ada' })
  await expect.poll(async () => all(t, 'WorkflowRun'), { timeout: 20_000 }).toMatchObject([{ status: 'Waiting' }])
  await call('POST', `/~${t}/clock`, { advance: 'P1D' })
  expect(await all(t, 'Activity')).toEqual([])
  const { body } = await call('POST', `/~${t}/clock`, { advance: 'P1D' })
  expect(body['ran']).toMatchObject({ workflows: 1 })
  const [activity] = await all(t, 'Activity')
  expect(activity).toMatchObject({ subject: 'Welcome Ada', $createdAt: expect.stringMatching(/^2026-01-03/) })
  expect(await all(t, 'WorkflowRun')).toMatchObject([{ status: 'Succeeded' }])
})

test('a step that depends on a flag is left out while the flag is off, and a flag that is missing fails it', async () => {
  const t = tenant()
  const flag = await create(t, 'FeatureFlag', { key: 'greet', status: 'Disabled' })
  await activate(t, {
    triggerEvent: 'Contact.Created',
    steps: [{ ...note('greeted'), flag: 'greet' }, note('noted')],
  })
  await activate(t, { triggerEvent: 'Lead.Created', steps: [{ ...note('lead'), flag: 'missing' }] })
  await create(t, 'Contact', { name: 'Ada' })
  await expect
    .poll(async () => all(t, 'WorkflowRun'), { timeout: 20_000 })
    .toMatchObject([
      {
        status: 'Succeeded',
        log: [
          { step: 0, skipped: 'greet' },
          { step: 1, action: 'Activity.create' },
        ],
      },
    ])
  expect((await all(t, 'Activity')).map(({ subject }) => subject)).toEqual(['noted'])
  await call('POST', `/~${t}/FeatureFlag/${flag}/enable`, {})
  await create(t, 'Contact', { name: 'Bo' })
  const subjects = async () => (await all(t, 'Activity')).map(({ subject }) => String(subject)).toSorted()
  await expect.poll(subjects, { timeout: 20_000 }).toEqual(['greeted', 'noted', 'noted'])
  await create(t, 'Lead', { name: 'L', source: 'web' })
  await expect
    .poll(async () => (await all(t, 'WorkflowRun')).filter(({ status }) => status === 'Failed'), { timeout: 20_000 })
    .toHaveLength(1)
})

test('a run that takes longer than its timeout fails', async () => {
  const t = tenant()
  await call('POST', `/~${t}/clock`, { now: '2026-01-01T00:00:00Z' })
  await activate(t, {
    triggerEvent: 'Contact.Created',
    timeout: 3_600_000,
    steps: [{ delay: '2h' }, note('late')],
  })
  await create(t, 'Contact', { name: 'Ada' })
  await expect.poll(async () => all(t, 'WorkflowRun'), { timeout: 20_000 }).toMatchObject([{ status: 'Waiting' }])
  await call('POST', `/~${t}/clock`, { advance: 'P1D' })
  expect(await all(t, 'WorkflowRun')).toMatchObject([{ status: 'Failed', error: 'the run took more than 3600000 ms' }])
  expect(await all(t, 'Activity')).toEqual([])
})

const broken = { action: 'Deal.create', mapping: { name: 'x' } } // without its value
const note = (subject: string, more: Json = {}): Json => ({ action: 'Activity.create', subject, ...more })

test.each([
  ['Stop', ['a'], 'Failed', { failureCount: 1 }],
  ['Continue', ['a', 'b'], 'Succeeded', { successCount: 1 }],
  ['Fallback', ['a', 'sorry'], 'Failed', { failureCount: 1 }],
])('a failed step is handled by %s', async (errorHandling, subjects, status, counts) => {
  const t = tenant()
  const id = await activate(t, {
    triggerEvent: 'Contact.Created',
    errorHandling,
    steps: [note('a'), broken, note('b'), note('sorry', { fallback: true })],
  })
  await create(t, 'Contact', { name: 'Ada' })
  const [run] = await endedRuns(t)
  expect(run).toMatchObject({ status, error: expect.stringContaining('value') })
  expect((await all(t, 'Activity')).map(({ subject }) => subject)).toEqual(subjects)
  expect(await get(t, 'Workflow', id)).toMatchObject({ runCount: 1, ...counts })
})

test('a failed step is retried with growing waits, and succeeds once it can', async () => {
  const t = tenant()
  await call('POST', `/~${t}/clock`, { now: '2026-01-01T00:00:00Z' })
  await activate(t, {
    triggerEvent: 'Contact.Created',
    retry: { maxAttempts: 3, backoff: '1h' },
    steps: [{ action: 'Organization.create', name: 'Taken', slug: 'taken' }],
  })
  const taken = await create(t, 'Organization', { name: 'First', slug: 'taken' })
  await create(t, 'Contact', { name: 'Ada' })
  await expect
    .poll(async () => all(t, 'WorkflowRun'), { timeout: 20_000 })
    .toMatchObject([{ status: 'Waiting', attempts: 1 }])
  await call('POST', `/~${t}/clock`, { advance: 'PT1H' })
  expect(await all(t, 'WorkflowRun')).toMatchObject([{ status: 'Waiting', attempts: 2 }])
  await call('PATCH', `/~${t}/Organization/${taken}`, { slug: 'first' })
  await call('POST', `/~${t}/clock`, { advance: 'PT3H' })
  expect(await all(t, 'WorkflowRun')).toMatchObject([{ status: 'Succeeded' }])
  expect(await all(t, 'Organization')).toHaveLength(2)
})

test('workflows that start each other end, and the log of runs says why', async () => {
  const t = tenant()
  await activate(t, { triggerEvent: 'Deal.Created', steps: [{ action: 'Deal.create', name: 'again', value: 1 }] })
  await create(t, 'Deal', { name: 'first', value: 1 })
  const runs = await endedRuns(t, 10)
  expect(runs.map(({ depth, status }) => [depth, status])).toEqual([
    ...Array.from({ length: 9 }, (_, depth) => [depth, 'Succeeded']),
    [9, 'Failed'],
  ])
  expect(runs.at(-1)).toMatchObject({ error: 'workflows start each other for at most 8 levels' })
  expect(await all(t, 'Deal')).toHaveLength(10)
})

test('a workflow runs by hand with an input, and a paused one does not listen', async () => {
  const t = tenant()
  const id = await activate(t, {
    triggerEvent: 'Contact.Created',
    steps: [{ action: 'Contact.create', mapping: { name: 'input.name' } }],
  })
  await call('POST', `/~${t}/Workflow/${id}/trigger`, { input: { name: 'Ada' } })
  // Its own contact starts a run, which has no input, so that its contact has no name.
  const runs = await endedRuns(t, 2)
  expect(runs).toMatchObject([
    { cause: 'Call', status: 'Succeeded' },
    { cause: 'Event', status: 'Failed', depth: 1 },
  ])
  await call('POST', `/~${t}/Workflow/${id}/pause`)
  await create(t, 'Contact', { name: 'Bo' })
  expect(await all(t, 'WorkflowRun')).toHaveLength(2)
})

test.each([
  ['an unknown verb', { steps: [{ action: 'Deal.wins' }] }, 'steps[0].action', 422],
  ['an unknown entity type', { steps: [{ action: 'Planet.create' }] }, 'steps[0].action', 422],
  ['a step without an action', { steps: [{ mapping: {} }] }, 'steps[0].action', 422],
  ['a wrong delay', { steps: [{ delay: 'soon' }] }, 'steps[0].delay', 422],
  ['a wrong condition', { conditions: [{ field: 'value', op: '>', value: 1 }] }, 'conditions[0].op', 422],
  ['a wrong pattern', { triggerEvent: 'Deal won' }, 'triggerEvent', 422],
  ['a trigger of an unknown type', { triggerEvent: 'Dael.Won' }, 'triggerEvent', 422],
  ['a webhook', { steps: [{ action: 'webhook' }] }, 'steps[0].action', 501],
])('a workflow with %s is not activated', async (_, workflow, field, status) => {
  const t = tenant()
  const id = await create(t, 'Workflow', { name: 'Wrong', ...workflow })
  expect((await call('POST', `/~${t}/Workflow/${id}/activate`)).body).toMatchObject({ status, field })
  expect(await get(t, 'Workflow', id)).toMatchObject({ status: 'Draft' })
})

test('a run whose steps are no steps fails, and holds up no other', async () => {
  const t = tenant()
  const wrong = await activate(t, { triggerEvent: 'Contact.Created', steps: [note('a')] })
  await activate(t, { triggerEvent: 'Contact.Created', steps: [note('b')] })
  await call('PATCH', `/~${t}/Workflow/${wrong}`, { steps: [{ action: 'nothing' }] })
  await create(t, 'Contact', { name: 'Ada' })
  const runs = await endedRuns(t, 2)
  expect(runs.find(({ workflow }) => workflow === wrong)).toMatchObject({
    status: 'Failed',
    error: expect.stringContaining("field 'steps[0].action' expects an action such as Deal.create"),
  })
  expect((await all(t, 'Activity')).map(({ subject }) => subject)).toEqual(['b'])
})

test('a run that waits while the server is killed goes on afterwards, and no step is done twice', async () => {
  const t = tenant()
  await activate(t, {
    triggerEvent: 'Contact.Created',
    steps: [note('before'), { delay: '1s', ...note('after') }],
  })
  await create(t, 'Contact', { name: 'Ada' })
  await expect.poll(async () => all(t, 'WorkflowRun'), { timeout: 20_000 }).toMatchObject([{ status: 'Waiting' }])
  await killServer(server())
  await endedRuns(t)
  expect((await all(t, 'Activity')).map(({ subject }) => subject)).toEqual(['before', 'after'])
})

test('a member writes nothing that the server performs with more rights: runs, conversations, code, webhooks', async () => {
  const t = `/~${tenant()}`
  const made = async (path: string, body: Json): Promise<Json> => (await call('POST', `${t}/${path}`, body)).body
  const { $id: member } = await made('User', { name: 'Mia', email: 'mia@example.com', role: 'Member' })
  const { key } = await made('ApiKey', { name: 'mia', owner: member })
  const outcome = async (method: string, path: string, body?: Json): Promise<unknown> => {
    const answer = await call(method, `${t}/${path}`, body, { authorization: `Bearer ${String(key)}` })
    return [answer.status, answer.body['detail']]
  }
  const refused = (what: string): unknown => [403, `only a caller who may do everything may ${what}`]
  const dueAt = '2026-01-01T00:00:00Z'
  const run = { status: 'Running', cause: 'Call', dueAt, startedAt: dueAt, target: member }
  // The contents of a run do not exist for a member.
  const plan = { steps: [{ action: 'User.update', role: 'Admin' }] }
  expect(await outcome('POST', 'WorkflowRun', { ...run, plan })).toEqual([422, expect.stringContaining("'plan'")])
  expect(await outcome('POST', 'WorkflowRun', run)).toEqual(refused('write a WorkflowRun'))

  const { $id: agent } = await made('Agent', { name: 'Robot' })
  await call('POST', `${t}/Agent/${String(agent)}/deploy`, {})
  const write = { type: 'User', verb: 'update', id: member, fields: { role: 'Admin' } }
  const called = { id: 'c1', type: 'function', function: { name: 'write', arguments: JSON.stringify(write) } }
  const messages = [{ role: 'assistant', content: '', tool_calls: [called] }]
  const conversation = { agent, status: 'Running', dueAt, messages }
  expect(await outcome('POST', 'AgentRun', conversation)).toEqual(refused('write a AgentRun'))
  const { $id: own } = await made('AgentRun', { agent, status: 'Failed', askedBy: member })
  for (const method of ['PATCH', 'DELETE'])
    expect(await outcome(method, `AgentRun/${String(own)}`, { messages })).toEqual(refused('write a AgentRun'))
  expect(await outcome('DELETE', `Agent/${String(agent)}`)).toEqual([204, undefined])

  const { $id: greet } = await made('Function', { name: 'greet', source: 'async () => 1' })
  const code = 'async (event, info, $) => {}'
  const replay = (body: Json) => outcome('POST', `Function/${String(greet)}/replay`, body)
  expect(await replay({ source: code })).toEqual(refused('set source of Function'))
  expect(await replay({ code })).toEqual(refused('set replayedAt of Function'))
  expect((await call('GET', `${t}/Function/${String(greet)}?strong=true`)).body).not.toHaveProperty('code')
  // Nor does any verb leave code that is not that of the source, or a time that nobody understands.
  const put = (body: Json) => call('POST', `${t}/Function/${String(greet)}/disable`, body)
  expect((await put({ schedule: 'at noon' })).body).toMatchObject({ errors: [{ field: 'schedule' }] })
  const { body: changed } = await put({ source: 'async (a: number) => a', code })
  expect(changed).toMatchObject({ status: 'Disabled', code: expect.stringMatching(/^async \(a +\) => a$/) })
  const { $id: webhook } = await made('Webhook', { url: 'https://example.com/', events: ['Deal.*'] })
  expect(await outcome('DELETE', `Webhook/${String(webhook)}`)).toEqual(refused('delete a Webhook'))
  expect((await call('GET', `${t}/User/${String(member)}?strong=true`)).body).toMatchObject({ role: 'Member' })
})
