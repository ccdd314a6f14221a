// The sample company, in a short form: it is the same each time, its books are sound, and the questions of a founder have answers.
// The whole one is `headlessly demo`.

import { type Client, Headlessly, loadDemo } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { type DemoStep, isAct, namesIn } from '../../sdk/src/demo/demo-act.ts'
import { demoActs } from '../../sdk/src/demo/demo-load.ts'
import { questions } from '../../../../examples/a-year-of-business/questions.ts'
import { makeCli } from './cli.ts'

const { url, tenant } = useSharedServer()
const cli = makeCli()
const untilMs = Date.UTC(2026, 5, 30)
const size = { leads: Number(process.env['RUNS'] ?? 5), visitors: 3, days: 64 }

test('a loaded company has all kinds of records, sound books, and answers for its founder', async () => {
  const client = Headlessly({ endpoint: url(), tenant: tenant() })
  const { acts, paid, now } = await loadDemo(client, { untilMs, size })
  expect(acts).toBe(demoActs(size).length)
  expect(paid).toBeGreaterThan(0)
  expect(now).toBe('2026-06-30T00:00:00.000Z')
  const { isWhole, faults, breaches } = await client.lake.verify()
  expect({ isWhole, faults, breaches }).toEqual({ isWhole: true, faults: [], breaches: [] })
  const { entities, oldest } = await client.status()
  for (const noun of [
    'Lead',
    'Deal',
    'Customer',
    'Subscription',
    'Invoice',
    'LineItem',
    'Payment',
    'Ticket',
    'Campaign',
  ])
    expect(entities[noun], noun).toBeGreaterThan(0)
  expect(oldest).toMatch(/^2026-04-27/)
  const asked = { first: '2026-05-15', last: '2026-06-29', someDay: new Date('2026-06-26T00:00:00Z') }
  for (const { name, ask, read } of questions) {
    const answer = read((await ask(client, asked)) as never) // each question reads the answer to its own request
    expect(Object.values(answer).length, name).toBeGreaterThan(0)
  }
  const [mrr, before] = [await client.metrics.get('mrr'), await client.metrics.get('mrr', { asOf: asked.someDay })]
  for (const { value } of [mrr, before]) expect(value).toBeGreaterThan(0)
  await expectAgents(client)
})

/** Agents have written with keys of their own, people have decided about what waited, and functions have run. */
async function expectAgents(client: Client): Promise<void> {
  const events = await client.events.list({ limit: 1_000 })
  const agents = new Map((await client.Agent.find({}, { strong: true })).map(({ $id, name }) => [$id, name]))
  const writers = new Set(events.map(({ actor }) => agents.get(actor)))
  for (const name of ['Lookout', 'Harbour master']) expect(writers, name).toContain(name)
  expect(events.some(({ undoes }) => undoes !== undefined)).toBe(true)
  const approvals = await client.access.approvals()
  expect(approvals.map(({ status }) => status)).toEqual(expect.arrayContaining(['Approved', 'Refused']))
  expect(events.filter(({ approvedBy }) => approvedBy !== undefined).map(({ actor }) => agents.get(actor))).toContain(
    'Harbour master',
  )
  const functions = await client.functions.list()
  expect(functions.map(({ name, status }) => [name, status])).toEqual(
    ['plan-monday', 'score-leads', 'welcome-customers'].map((name) => [name, 'Enabled']),
  )
  const runs = await client.functions.runs('plan-monday')
  expect(runs.length).toBeGreaterThan(3)
  expect(runs.filter(({ ok }) => !ok)).toEqual([])
  const [experiment] = await client.Experiment.find({}, { strong: true })
  const { variants } = await client.analysis('Experiment', experiment?.$id ?? '')
  expect(variants.map(({ participants }) => participants).reduce((sum, one) => sum + one)).toBeGreaterThan(0)
  expect((await client.webhooks.list()).map(({ status }) => status)).toEqual(['Disabled'])
}

test('the acts are the same each time, and each names what an earlier one has made', () => {
  const acts = demoActs()
  expect(demoActs()).toEqual(acts)
  const writes = new Set(acts.filter(isAct).map(({ write }) => write.split('.')[0]))
  for (const noun of [
    'SubscriptionItem',
    'LineItem',
    'Coupon',
    'TaxRate',
    'Agent',
    'Message',
    'Goal',
    'Experiment',
    'Segment',
  ])
    expect(writes, noun).toContain(noun)
  expect(acts.map((deed) => (isAct(deed) ? deed.write : deed.step))).toEqual(
    expect.arrayContaining(['Payment.refund', 'name the first', 'approve', 'refuse', 'take back', 'put a function']),
  )
  const names = new Set<string>()
  for (const deed of acts) {
    const used = isAct(deed) ? namesIn(deed) : namesOf(deed)
    for (const name of used) expect(names).toContain(name)
    if ('as' in deed && deed.as !== undefined) names.add(deed.as)
  }
})

function namesOf(step: DemoStep): readonly string[] {
  return Object.entries(step).flatMap(([member, name]) =>
    ['agent', 'proposal', 'experiment'].includes(member) ? [String(name)] : [],
  )
}

test('a tenant that has entities is refused, and so is a day that is none', async () => {
  const env = { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: tenant() }
  const run = cli.with({ env })
  const wrong = await run('demo', '--until', '2026-02-30')
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--until expects a day')])
  await run('Contact.create', '--name', 'Ada')
  const refused = await run('demo')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('before the first entity')])
})
