// A tenant of a million contacts: the first search, every kind of filter, counts, `verify` and `rebuild`, while a client of
// another tenant measures how long it waits. With MILLION_FOLDER, the loaded folder is kept there and copied for later runs.

import { request as httpRequest } from 'node:http'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '../kill-server.ts'
import { startAttackedServer } from './attacked-server.ts'
import { loadContacts, millionTenant } from './million-contacts.ts'
import { type Scenario, scaled, type Target } from './scenario.ts'

const contactsMax = 1_000_000
/** A request is repeated after 503 until then. */
const answeredMs = 15 * 60_000

export const million: Scenario = {
  name: 'million',
  about: 'a tenant of a million contacts is searched, filtered, counted, verified and rebuilt',
  makeDataFolder,
  async prepare(target) {
    const { status } = await get(target, '/status')
    if (status === 200 && (await countContacts(target)) > 0) return
    await loadContacts(target.url, scaled(target, contactsMax), target.log)
  },
  async attack(target) {
    const figures: Record<string, string> = {}
    const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
      const start = performance.now()
      const result = await work()
      figures[name] = `${((performance.now() - start) / 1_000).toFixed(2)} s (${String(result)})`
      target.log(`${name}: ${figures[name]}`)
    }
    const contacts = await countContacts(target)
    await step('first $text', () => total(target, { noun: 'Contact', filter: { $text: 'founder' } }))
    for (const [name, noun, filter, query = ''] of reads) await step(name, () => total(target, { noun, filter, query }))
    await step('count=exact', () =>
      total(target, { noun: 'Contact', filter: { leadScore: { $gte: 10 } }, query: '&count=exact' }),
    )
    await step('verify', async () => {
      const report = await command<{ isWhole: boolean; faults: readonly string[] }>(target, 'verify')
      if (!report.isWhole) throw new Error(`verify: ${report.faults.join('; ')}`)
      return 'whole'
    })
    await step('rebuild', async () => (await command<{ entities: number }>(target, 'rebuild')).entities)
    await step('$text after the rebuild', () => total(target, { noun: 'Contact', filter: { $text: 'founder' } }))
    await step('a thousand deletions', () => deleteSome(target, 1_000))
    const left = await countContacts(target)
    if (left !== contacts - 1_000) throw new Error(`${left} contacts are left of ${contacts}`)
    return figures
  },
}

type Read = readonly [name: string, noun: string, filter: object, query?: string]

const reads: readonly Read[] = [
  ['unindexed, none match', 'Contact', { title: 'nobody' }],
  ['unindexed, many match', 'Contact', { title: 'Founder' }],
  ['unindexed sort', 'Contact', { leadScore: { $gte: 50 } }, '&sort=-leadScore'],
  ['indexed and unindexed', 'Contact', { stage: 'Lead', title: 'nobody' }],
  ['indexed', 'Contact', { stage: 'Customer' }],
  ['negated', 'Contact', { title: { $ne: 'Founder' }, leadScore: { $lt: 1 } }],
  ['missing field', 'Contact', { phone: { $exists: true } }],
  ['json path', 'Contact', { 'metadata.a': 1 }],
  ['relation to one', 'Contact', { 'organization.name': 'Organization 7' }],
  ['relation to many, none match', 'Organization', { 'contacts.leadScore': { $gt: 100 } }],
  ['relation to many, all match', 'Organization', { 'contacts.leadScore': { $gt: 50 } }],
  ['two words', 'Contact', { $text: 'sales engineer' }],
  ['a word of all', 'Contact', { $text: 'contact' }],
  ['a rare word', 'Contact', { $text: 'contact4242' }],
  ['words and a condition', 'Contact', { $text: 'buyer', leadScore: 3 }],
]

async function makeDataFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = mkdtempSync(join(tmpdir(), 'headlessly-million-'))
  const kept = process.env['MILLION_FOLDER']
  if (kept !== undefined) {
    if (!existsSync(kept)) {
      const server = await startAttackedServer(kept, [])
      try {
        await loadContacts(server.url, contactsMax, (line) => console.log(`  ${line}`))
      } finally {
        await server.stop()
      }
    }
    cpSync(kept, path, { recursive: true })
  }
  return { path, remove: async () => rmSync(path, { recursive: true, force: true }) }
}

async function countContacts(target: Target): Promise<number> {
  const { body } = await answered(target, '/Contact/count?strong=true')
  return (body as { count: number }).count
}

/** Returns the number of matches, or `many` if they are not counted. */
async function total(
  target: Target,
  of: { readonly noun: string; readonly filter: object; readonly query?: string },
): Promise<number | string> {
  const { noun, filter, query = '' } = of
  const path = `/${noun}?strong=true&limit=20&filter=${encodeURIComponent(JSON.stringify(filter))}${query}`
  const { body } = await answered(target, path)
  return (body as { total: number | string | null }).total ?? 'many'
}

async function deleteSome(target: Target, count: number): Promise<number> {
  for (let left = count; left > 0;) {
    const { body } = await answered(target, `/Contact?strong=true&limit=${Math.min(left, 100)}`)
    const { results } = body as { results: readonly { $id: string }[] }
    for (const { $id } of results) {
      const { status } = await request(target, `/Contact/${$id}`, { method: 'DELETE' })
      if (status !== 204) throw new Error(`DELETE ${$id}: ${status}`)
    }
    left -= results.length
  }
  return count
}

async function command<Report>(target: Target, name: string): Promise<Report> {
  const { status, body } = await request(target, `/lake/${name}`, { method: 'POST' })
  if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`)
  return body as Report
}

/** Repeats a request that is refused for the time being. A read may take too long; any other refusal fails the attack. */
async function answered(target: Target, path: string): Promise<{ readonly body: unknown }> {
  for (const start = Date.now(); ;) {
    const { status, body } = await get(target, path)
    const detail = JSON.stringify(body).slice(0, 300)
    if (status === 200) return { body }
    if (detail.includes('"examined"')) return { body: { total: 'refused after its time' } }
    if (status !== 503 || Date.now() - start > answeredMs) throw new Error(`GET ${path}: ${status} ${detail}`)
    target.log(`503 ${detail.match(/"detail":"([^"]*)"/)?.[1] ?? ''}`)
    await sleep(1_000)
  }
}

function get(target: Target, path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  return request(target, path, {})
}

/** Waits for an answer as long as it takes: fetch gives up after five minutes. */
function request(
  { port }: Target,
  path: string,
  { method = 'GET' }: { readonly method?: string },
): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ port, path: `/~${millionTenant}${path}`, method }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('error', reject).on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: text === '' ? undefined : (JSON.parse(text) as unknown) })
      })
    })
    asked.on('error', reject).end()
  })
}
