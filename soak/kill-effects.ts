// Kills the server with SIGKILL in the middle of verbs with effects on other entities: payments, refunds, credits, finalized
// drafts, merges, conversions, won deals, batches and many entities at once. Afterwards each request has happened as a whole or
// not at all, a repetition with its key is performed once, and the books are sound.
//
//   npm run soak:kill-effects -- --rounds 20

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { postJson } from './ask-json.ts'
import { killServer, sleep } from './kill-server.ts'
import { readLog } from './replay-log.ts'

const tenant = 'effects'
const perRound = 60
const atOnce = 8
const killsPerRound = 2
const triesMax = 40

/** A verb with effects, and the events that one call of it makes, in their order. */
interface Act {
  readonly name: string
  readonly prepare: (url: string) => Promise<{ readonly path: string; readonly body: object }>
  readonly events: readonly string[]
}

async function made(url: string, noun: string, body: object): Promise<string> {
  return String((await persist(`${url}/${noun}`, body, crypto.randomUUID()))['$id'])
}

async function bill(url: string): Promise<string> {
  return made(url, 'Invoice/finalize', {
    lineItems: [{ description: 'x', quantity: 2, unitAmount: 500, amount: 1_000 }],
  })
}

const acts: readonly Act[] = [
  {
    name: 'pay',
    prepare: async (url) => ({ path: `/Invoice/${await bill(url)}/pay`, body: {} }),
    events: ['Invoice.Paid', 'Payment.Captured'],
  },
  {
    name: 'capture',
    prepare: async (url) => ({ path: '/Payment/capture', body: { invoice: await bill(url), amount: 1_000 } }),
    events: ['Payment.Captured', 'Invoice.Paid'],
  },
  {
    name: 'refund',
    prepare: async (url) => {
      const payment = await made(url, 'Payment/capture', { invoice: await bill(url), amount: 1_000 })
      return { path: `/Payment/${payment}/refund`, body: { amount: 300 } }
    },
    events: ['Payment.Refunded', 'Refund.Created', 'Invoice.RefundCounted'],
  },
  {
    name: 'credit',
    prepare: async (url) => ({ path: `/Invoice/${await bill(url)}/credit`, body: { amount: 400 } }),
    events: ['Invoice.Credited', 'CreditNote.Created'],
  },
  {
    name: 'finalize',
    prepare: async (url) => {
      const draft = await made(url, 'Invoice', { lineItems: [{ amount: 1 }, { amount: 2 }] })
      return { path: `/Invoice/${draft}/finalize`, body: {} }
    },
    events: ['Invoice.Finalized', 'LineItem.Created', 'LineItem.Created'],
  },
  {
    name: 'merge',
    prepare: async (url) => {
      const [one, other] = [await made(url, 'Contact', { name: 'a' }), await made(url, 'Contact', { name: 'b' })]
      await made(url, 'Deal', { name: 'd', value: 1, contact: other })
      return { path: `/Contact/${one}/merge`, body: { from: other } }
    },
    events: ['Contact.Merged', 'Deal.Updated', 'Contact.Deleted'],
  },
  {
    name: 'convert',
    prepare: async (url) => {
      const lead = await made(url, 'Lead', { name: 'Ada', email: anyEmail(), company: 'Engines', source: 'web' })
      return { path: `/Lead/${lead}/convert`, body: {} }
    },
    events: [
      'Lead.Converted',
      'Organization.Created',
      'Contact.Created',
      'Contact.Qualified',
      'Deal.Created',
      'Lead.Updated',
    ],
  },
  {
    name: 'win',
    prepare: async (url) => {
      const price = await made(url, 'Price', { name: 'Pro', amount: 3_000 })
      const contact = await made(url, 'Contact', { name: 'Bo' })
      return { path: `/Deal/${await made(url, 'Deal', { name: 'd', value: 1, contact })}/win`, body: { price } }
    },
    events: [
      'Deal.Won',
      'Contact.Updated',
      'Customer.Created',
      'Subscription.Created',
      'Invoice.Finalized',
      'LineItem.Created',
      'Deal.Updated',
    ],
  },
  {
    name: 'batch',
    prepare: async (url) => {
      const invoice = await bill(url)
      const operations = [
        { method: 'POST', path: '/Product', body: { name: 'Engine' } },
        { method: 'POST', path: `/Invoice/${invoice}/pay`, body: {} },
        { method: 'POST', path: '/Lead', id: 'lead', body: { name: 'Ada', source: 'web' } },
        { method: 'POST', path: { $ref: 'lead', path: 'concat("/Lead/", $id, "/convert")' }, body: {} },
      ]
      return { path: '/batch', body: { operations } }
    },
    events: [
      'Product.Created',
      'Invoice.Paid',
      'Payment.Captured',
      'Lead.Created',
      'Lead.Converted',
      'Contact.Created',
      'Contact.Qualified',
      'Deal.Created',
      'Lead.Updated',
    ],
  },
  {
    name: 'createMany',
    prepare: async (url) => {
      const customer = await made(url, 'Customer', { name: 'Ada' })
      const entities = [1_000, 2_000].map((amount) => ({ customer, amount, status: 'Active' }))
      return { path: '/Subscription/createMany', body: { entities } }
    },
    // Each subscription bills its first period.
    events: [
      'Subscription.Created',
      'Invoice.Finalized',
      'LineItem.Created',
      'Subscription.Created',
      'Invoice.Finalized',
      'LineItem.Created',
    ],
  },
]

function anyEmail(): string {
  return `${crypto.randomUUID()}@example.com`
}

export interface KillEffectsSummary {
  readonly calls: number
  readonly kills: number
}

export async function killUnderEffects({
  rounds,
  seed,
  log = () => {},
}: {
  readonly rounds: number
  readonly seed: number
  readonly log?: (line: string) => void
}): Promise<KillEffectsSummary> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-effects-'))
  const server = await startServer({ dataFolder, port: 0, log: () => {}, flush: JSON.stringify({ intervalMs: 200 }) })
  const url = `${server.url}/~${tenant}`
  try {
    const random = seededRandom(seed)
    for (let round = 1; round <= rounds; round++) {
      const asked: { readonly act: Act; readonly path: string; readonly body: object; readonly key: string }[] = []
      for (let at = 0; at < perRound; at++) {
        const act = acts[at % acts.length] as Act
        asked.push({ act, ...(await act.prepare(url)), key: crypto.randomUUID() })
      }
      const before = await headOf(url)
      const left = [...asked]
      const work = async (): Promise<void> => {
        for (let one = left.shift(); one !== undefined; one = left.shift())
          await persist(`${url}${one.path}`, one.body, one.key)
      }
      const working = Promise.all(Array.from({ length: atOnce }, work))
      for (let kill = 0; kill < killsPerRound; kill++) {
        await sleep(random() * 60)
        await killServer(server)
      }
      await working
      // A repetition after the restart answers as the first time, and writes nothing.
      await Promise.all(asked.slice(0, atOnce).map((one) => persist(`${url}${one.path}`, one.body, one.key)))
      await expectWhole(url, { after: before, asked: asked.map(({ act }) => act) })
      const { isWhole, faults, breaches } = await postJson(`${url}/lake/verify`, {})
      if (isWhole !== true || JSON.stringify(breaches) !== '[]') throw new Error(JSON.stringify({ faults, breaches }))
      log(`round ${round}: ${perRound} verbs with effects, each whole and once`)
    }
    return { calls: rounds * perRound, kills: rounds * killsPerRound }
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

async function headOf(url: string): Promise<number> {
  let head = 0
  for await (const { seq } of readLog(url)) head = seq
  return head
}

/** Sends a write until it is answered, each time with the same key. */
async function persist(url: string, body: object, key: string): Promise<Readonly<Record<string, unknown>>> {
  for (let tries = 0; tries < triesMax; tries++) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined)
    const text = await answer?.text().catch(() => undefined)
    if (answer?.ok === true && text !== undefined) return JSON.parse(text) as Readonly<Record<string, unknown>> // of our server
    if (answer !== undefined && answer.status < 500 && text !== undefined) throw new Error(`${url}: ${text}`)
    await sleep(100)
  }
  throw new Error(`${url} was not answered`)
}

/** Each commit of a verb has all of its events, and there are as many as were asked for. */
async function expectWhole(
  url: string,
  { after, asked }: { readonly after: number; readonly asked: readonly Act[] },
): Promise<void> {
  const commits = new Map<number, string[]>()
  for await (const { seq, type, commit } of readLog(url)) {
    if (seq <= after) continue
    commits.set(commit, [...(commits.get(commit) ?? []), type])
  }
  for (const act of acts) {
    const first = act.events[0] ?? ''
    const own = [...commits.values()].filter(([type]) => type === first)
    const expected = asked.filter((one) => one === act).length
    const isWhole = own.every((types) => act.events.every((type, at) => types[at] === type))
    if (own.length !== expected || !isWhole)
      throw new Error(`${act.name}: expected ${expected} commits ${act.events.join()}, got ${JSON.stringify(own)}`)
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string' } } })
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  console.log(`seed ${seed}`)
  await buildIfStale()
  const { calls, kills } = await killUnderEffects({ rounds: Number(values.rounds), seed, log: console.log })
  console.log(`${calls} verbs with effects were each whole and made once, under ${kills} kills`)
}
