// Agents that the server runs: with a model behind HTTPS on this machine, which the test plays.

import { afterAll, expect, test, vi } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'
import { type ChatRequest, ModelServer, type Reply } from './model-server.ts'
import { useServer } from './server.ts'
import { certificate } from './smtp/smtp-sink.ts'

type Json = Readonly<Record<string, unknown>>

const models = new ModelServer()
const address = await models.start()
const { call, tenant, server } = useServer({
  start: (dataFolder) =>
    startServer({ dataFolder, port: 0, outsideNetworks: ['127.0.0.1/32'], outsideAuthorities: [certificate] }),
})
afterAll(() => models.stop())

const key = 'sk-the-model-key-4711'
const connection = { server: address, model: 'small', inputPrice: 1, outputPrice: 10 }

/** A tenant with a model and a deployed agent. */
async function deployed(fields: Json = {}, reply: (request: ChatRequest) => Reply | Promise<Reply> = () => 'done') {
  const at = `/~${tenant()}`
  expect((await call('PATCH', `${at}/settings`, { model: connection })).status).toBe(200)
  expect((await call('PUT', `${at}/secrets/model-key`, { value: key })).status).toBe(200)
  const made = await call('POST', `${at}/Agent`, { name: 'Robot', ...fields })
  expect(made.body).toMatchObject({ $type: 'Agent' })
  const agent = String(made.body['$id'])
  expect((await call('POST', `${at}/Agent/${agent}/deploy`, {})).status).toBe(200)
  models.received.length = 0
  models.reply = reply
  return { at, agent }
}

async function list(at: string, path: string): Promise<readonly Json[]> {
  return (await call('GET', `${at}/${path}`)).body['results'] as readonly Json[]
}

/** The run, once it has ended. */
function ended(at: string, status = 'Succeeded'): Promise<Json> {
  return vi.waitFor(
    async () => {
      const [run] = await list(at, 'AgentRun?strong=true&limit=1')
      expect(run, JSON.stringify(run)).toMatchObject({ status })
      return run ?? {}
    },
    { timeout: 15_000, interval: 50 },
  )
}

const ask = (at: string, agent: string, question = 'How many?') =>
  call('POST', `${at}/Agent/${agent}/ask`, { question })

test('without a model, verbs that need one are refused with 501 and change nothing', async () => {
  const at = `/~${tenant()}`
  const { $id } = (await call('POST', `${at}/Agent`, { name: 'Robot', status: 'Deployed' })).body
  const before = (await list(at, 'events')).length
  for (const [verb, body] of [
    ['do', { task: 'x' }],
    ['ask', { question: 'x' }],
    ['reflect', {}],
  ] as const)
    expect(await call('POST', `${at}/Agent/${String($id)}/${verb}`, body)).toMatchObject({
      status: 501,
      body: { code: 'not_connected', connection: 'model' },
    })
  const wrong = await call('PATCH', `${at}/settings`, { model: { server: `${address}?key=${key}`, model: 'small' } })
  expect([wrong.status, JSON.stringify(wrong.body)]).toEqual([422, expect.not.stringContaining(key)])
  // Workers AI is not here.
  expect((await call('PATCH', `${at}/settings`, { model: { server: 'workers-ai', model: '@cf/x' } })).status).toBe(200)
  expect((await call('POST', `${at}/Agent/${String($id)}/reflect`, {})).status).toBe(501)
  expect((await list(at, 'events')).length).toBe(before + 1)
})

test('a question is answered, and its tokens and cost count', async () => {
  const { at, agent } = await deployed({ instructions: 'Be brief.', model: 'large', maxTokens: 50 }, () => 'Three.')
  expect((await ask(at, agent)).body).toMatchObject({ lastCall: { question: 'How many?' } })
  expect(await ended(at)).toMatchObject({
    agent,
    verb: 'ask',
    answer: 'Three.',
    tokens: 1_000,
    cost: 0.0019,
    rounds: 1,
  })
  const [request] = models.received
  expect(request).toMatchObject({
    path: '/v1/chat/completions',
    model: 'large',
    max_tokens: 50,
    headers: { authorization: `Bearer ${key}` },
  })
  expect(request?.messages.map(({ role }) => role)).toEqual(['system', 'user'])
  expect(request?.messages[0]?.content).toContain('Be brief.')
  const robot = await vi.waitFor(async () => {
    const { body } = await call('GET', `${at}/Agent/${agent}?strong=true`)
    expect(body).toMatchObject({ successRate: 100 })
    return body
  })
  expect(robot).toMatchObject({ totalTokens: 1_000, totalCost: 0.0019 })
  expect(JSON.stringify(await list(at, 'events?limit=1000'))).not.toContain(key)
})

test('an agent reads and writes by its tools, as itself, within its capabilities', async () => {
  const { at, agent } = await deployed({ capabilities: ['Deal.create'] }, ({ messages }) => {
    if (messages.length === 2)
      return {
        calls: [
          ['types', {}],
          ['schema', { type: 'Deal' }],
          ['search', { type: 'Contact', filter: { name: 'Ann' } }],
          ['write', { type: 'Deal', verb: 'create', fields: { name: 'Engine', value: 5 } }],
          ['write', { type: 'Contact', verb: 'create', fields: { name: 'Eve' } }],
          ['search', { type: 'Nothing' }],
          ['fly', {}],
        ],
      }
    return 'It is done.'
  })
  await call('POST', `${at}/Contact`, { name: 'Ann' })
  expect((await call('POST', `${at}/Agent/${agent}/do`, { task: 'Sell an engine' })).status).toBe(200)
  expect(await ended(at)).toMatchObject({ answer: 'It is done.', rounds: 2, tokens: 2_000 })
  const results = models.received[1]?.messages.filter(({ role }) => role === 'tool').map(({ content }) => content) ?? []
  expect(results[0]).toContain('"Contact":1')
  expect(results[1]).toContain('"stage"')
  expect(results[2]).toContain('"Ann"')
  expect(results[3]).toContain('"Engine"')
  expect(results[4]).toContain('"refused":"forbidden"')
  expect(results[5]).toContain('type expects')
  expect(results[6]).toContain('type expects')
  const [task] = await list(at, 'events?type=Agent.Done')
  const made = await list(at, 'events?type=Deal.Created')
  expect(made).toMatchObject([{ actor: agent, causedBy: task?.['id'] }])
  expect(await list(at, 'events?type=Contact.Created')).toHaveLength(1)
})

test('a decision is one of the options', async () => {
  const replies: Reply[] = [
    'Maybe.',
    { calls: [['choose', { option: 'Neither' }]] },
    { calls: [['choose', { option: 'No' }]] },
  ]
  const { at, agent } = await deployed({}, () => replies.shift() ?? 'done')
  await call('POST', `${at}/Agent/${agent}/decide`, { question: 'Renew?', options: ['Yes', 'No'] })
  expect(await ended(at)).toMatchObject({ verb: 'decide', answer: 'No', rounds: 3 })
})

const propose: Reply = { calls: [['write', { type: 'Deal', verb: 'create', fields: { name: 'Engine', value: 5 } }]] }

test('a supervised agent waits with its proposal, and goes on once after a person has approved it', async () => {
  const { at, agent } = await deployed({ mode: 'Supervised' }, ({ messages }) =>
    messages.length === 2 ? propose : messages.length === 4 ? 'It waits for a person.' : 'The deal is made.',
  )
  await call('POST', `${at}/Agent/${agent}/do`, { task: 'Sell an engine' })
  const waiting = await ended(at, 'Waiting')
  const [proposal] = waiting['proposals'] as readonly Json[]
  expect(proposal).toMatchObject({ type: 'Deal', verb: 'create', approval: expect.stringMatching(/./) })
  expect(waiting).toMatchObject({ answer: 'It waits for a person.', rounds: 2 })
  expect(await list(at, 'Deal?strong=true')).toEqual([])
  const path = `${at}/approvals/${String(proposal?.['approval'])}/approve`
  const approved = await Promise.all([1, 2, 3].map(() => call('POST', path, {})))
  expect(approved.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409])
  expect(await ended(at)).toMatchObject({
    answer: 'The deal is made.',
    rounds: 3,
    tokens: 3_000,
    proposals: [{ approval: proposal?.['approval'], status: 'Approved' }],
  })
  const told = models.received.at(-1)?.messages.at(-1)
  expect(told).toMatchObject({
    role: 'user',
    content: expect.stringMatching(/approval_\w+ was approved by \w+, as commit/),
  })
  expect(models.received).toHaveLength(3)
  expect(await list(at, 'events?type=Deal.Created')).toMatchObject([{ actor: agent }])
  expect(await list(at, 'events?type=AgentRun.Resumed')).toHaveLength(1)
})

test('a run whose proposal is refused ends, says why, and asks the model no more', async () => {
  const { at, agent } = await deployed({ mode: 'Supervised' }, ({ messages }) =>
    messages.length === 2 ? propose : 'ok',
  )
  await call('POST', `${at}/Agent/${agent}/do`, { task: 'Sell an engine' })
  const [proposal] = (await ended(at, 'Waiting'))['proposals'] as readonly Json[]
  const path = `${at}/approvals/${String(proposal?.['approval'])}/refuse`
  expect((await call('POST', path, { reason: 'No engines today' })).status).toBe(200)
  expect(await ended(at, 'Failed')).toMatchObject({
    error: expect.stringMatching(/^approval_\w+ was refused by \w+: No engines today$/),
    proposals: [{ status: 'Refused' }],
    endedAt: expect.any(String),
  })
  expect(models.received).toHaveLength(2)
  expect(await list(at, 'Deal?strong=true')).toEqual([])
})

test('a decision that a crash of the server follows at once still lets the run go on, once', async () => {
  const { at, agent } = await deployed({ mode: 'Supervised' }, ({ messages }) =>
    messages.length === 2 ? propose : 'ok',
  )
  await call('POST', `${at}/Agent/${agent}/do`, { task: 'Sell an engine' })
  const [proposal] = (await ended(at, 'Waiting'))['proposals'] as readonly Json[]
  expect((await call('POST', `${at}/approvals/${String(proposal?.['approval'])}/approve`, {})).status).toBe(200)
  process.kill(server().pid(), 'SIGKILL')
  expect(await ended(at)).toMatchObject({ proposals: [{ status: 'Approved' }] })
  expect(await list(at, 'events?type=AgentRun.Resumed')).toHaveLength(1)
  expect(await list(at, 'events?type=Deal.Created')).toHaveLength(1)
})

test('a manual agent recommends, and changes nothing', async () => {
  const write: Reply = { calls: [['write', { type: 'Deal', verb: 'create', fields: { name: 'Engine', value: 5 } }]] }
  const { at, agent } = await deployed({ mode: 'Manual' }, ({ messages }) => (messages.length === 2 ? write : 'ok'))
  await call('POST', `${at}/Agent/${agent}/do`, { task: 'Sell an engine' })
  expect(await ended(at)).toMatchObject({
    proposals: [{ type: 'Deal', verb: 'create', fields: { name: 'Engine', value: 5 } }],
  })
  expect(await list(at, 'Deal?strong=true')).toEqual([])
})

test('an event that matches a trigger starts a task, and an agent does not start itself', async () => {
  const { at, agent } = await deployed({ triggers: [{ on: 'Contact.Created', task: 'Greet' }] }, ({ messages }) =>
    messages.length === 2
      ? { calls: [['write', { type: 'Contact', verb: 'create', fields: { name: 'Twin' } }]] }
      : 'ok',
  )
  const { $id } = (await call('POST', `${at}/Contact`, { name: 'Ann' })).body
  expect(await ended(at)).toMatchObject({ target: $id, eventType: 'Contact.Created', input: { task: 'Greet' } })
  expect(models.received[0]?.messages[1]?.content).toContain('"Ann"')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await list(at, 'AgentRun?strong=true')).toHaveLength(1)
  expect((await call('PATCH', `${at}/Agent/${agent}`, { triggers: ['nothing'] })).status).toBe(422)
})

test('a budget of tokens ends the work, and a model that refuses is asked again or not', async () => {
  const { at, agent } = await deployed({ tokensPerDay: 1_000 }, () => 'ok')
  await ask(at, agent)
  await ended(at)
  await ask(at, agent)
  expect(await ended(at, 'Failed')).toMatchObject({ error: expect.stringContaining('1000 tokens a day') })
  expect(models.received).toHaveLength(1)
  const replies: Reply[] = [{ status: 429, retryAfter: '1' }, 'late']
  const other = await deployed({}, () => replies.shift() ?? 'done')
  await ask(other.at, other.agent)
  expect(await ended(other.at)).toMatchObject({ answer: 'late', rounds: 1 })
  const refused = await deployed({}, () => ({ status: 401 }))
  await ask(refused.at, refused.agent)
  expect(await ended(refused.at, 'Failed')).toMatchObject({ error: expect.stringContaining('401') })
  expect(models.received).toHaveLength(1)
})

test('a server that is killed while the model thinks continues the run, and makes each write once', async () => {
  const { at, agent } = await deployed({}, async ({ messages }) => {
    if (messages.length === 2)
      return { calls: [['write', { type: 'Deal', verb: 'create', fields: { name: 'Engine', value: 5 } }]] }
    await new Promise((resolve) => setTimeout(resolve, 400))
    return 'ok'
  })
  await call('POST', `${at}/Agent/${agent}/do`, { task: 'Sell an engine' })
  await vi.waitFor(() => expect(models.received).toHaveLength(2), { timeout: 10_000 })
  process.kill(server().pid(), 'SIGKILL')
  expect(await ended(at)).toMatchObject({ answer: 'ok', rounds: 2 })
  expect(await list(at, 'Deal?strong=true')).toHaveLength(1)
})

test('an agent does for a caller no more than that caller may, and shows nobody else what it has read', async () => {
  const promote = (user: string): Reply => ({
    calls: [
      ['write', { type: 'User', verb: 'update', id: user, fields: { role: 'Admin' } }],
      ['search', { type: 'ApiKey' }],
      ['write', { type: 'Contact', verb: 'create', fields: { name: 'Ada' } }],
    ],
  })
  let member = ''
  const { at, agent } = await deployed({}, ({ messages }) => (messages.length === 2 ? promote(member) : 'done'))
  const person = async (name: string) => {
    const { $id } = (await call('POST', `${at}/User`, { name, email: `${name}@example.com`, role: 'Member' })).body
    const { key: secret } = (await call('POST', `${at}/ApiKey`, { name, owner: $id })).body
    return { $id: String($id), headers: { authorization: `Bearer ${String(secret)}` } }
  }
  const [mia, ole] = [await person('mia'), await person('ole')]
  member = mia.$id
  expect((await call('POST', `${at}/Agent/${agent}/ask`, { question: 'Promote me' }, mia.headers)).status).toBe(200)
  const run = await ended(at)
  expect(run).toMatchObject({ askedBy: mia.$id, actsFor: agent })
  const results = (run['messages'] as readonly Json[])
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => content)
  expect(results).toEqual([
    expect.stringContaining('forbidden'),
    expect.stringContaining('not_found'),
    expect.stringContaining('Ada'),
  ])
  expect((await call('GET', `${at}/User/${member}?strong=true`)).body).toMatchObject({ role: 'Member' })
  const seenBy = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
    (await call('GET', `${at}/AgentRun?strong=true`, undefined, headers)).body['results']
  expect(await seenBy(mia.headers)).toEqual([expect.objectContaining({ answer: 'done' })])
  expect(await seenBy(ole.headers)).toEqual([])
  const events = await call('GET', `${at}/events?limit=1000&type=AgentRun.*`, undefined, ole.headers)
  expect(JSON.stringify(events.body)).not.toContain('Promote me')

  // The same task from the owner of the machine is done.
  expect((await ask(at, agent)).status).toBe(200)
  await vi.waitFor(async () =>
    expect((await call('GET', `${at}/User/${member}?strong=true`)).body).toMatchObject({ role: 'Admin' }),
  )
})
