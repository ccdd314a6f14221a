// A program that uses every feature of the client on any platform: it needs only the language, `fetch` and the packages. It
// throws if a result is wrong, and otherwise prints what it did, line by line.

import type { Contact as ContactMethods } from '@headlessly/crm'
import { type Client, Headlessly, HeadlesslyError } from '@headlessly/sdk'

export interface ProgramSettings {
  readonly endpoint: string
  /** An empty tenant. */
  readonly tenant: string
  /** `Contact` of `@headlessly/crm`, if the platform has an environment that configures it. */
  readonly Contact?: typeof ContactMethods
}

export async function runPlatformProgram({ endpoint, tenant, Contact }: ProgramSettings): Promise<readonly string[]> {
  const sockets = countSockets()
  const $ = Headlessly({ endpoint, tenant })
  const steps: Readonly<Record<string, () => Promise<unknown>>> = {
    'entities and verbs': () => entities($),
    'lists of several pages': () => pages($),
    'calls of a tick are one message': () => ticks({ endpoint, tenant }),
    references: () => references($),
    pipelines: () => pipelines($),
    errors: () => errors($),
    'an unreachable server': () => unreachable(tenant),
    'aborted calls': () => aborts($),
    events: () => events($),
    'a function next to the data': () => nextToData($),
    'many calls one after the other': () => manyCalls($),
    ...(Contact === undefined ? {} : { 'a package, configured by the environment': () => environment($, Contact) }),
  }
  const lines: string[] = []
  for (const [name, step] of Object.entries(steps)) {
    await step()
    lines.push(name)
  }
  const { WebSocket, navigator } = globalThis as { WebSocket?: unknown; navigator?: { userAgent?: string } }
  const hasSockets = WebSocket !== undefined && navigator?.userAgent !== 'Cloudflare-Workers'
  same(sockets.opened > 0, hasSockets, 'a WebSocket is used where there is one')
  lines.push(hasSockets ? 'over fetch and WebSocket' : 'over fetch')
  return lines
}

/** Counts connections of the platform's WebSocket from now on. */
function countSockets(): { opened: number } {
  const count = { opened: 0 }
  if (!('WebSocket' in globalThis)) return count
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL) {
      super(String(url))
      this.addEventListener('open', () => count.opened++)
    }
  }
  return count
}

async function entities($: Client): Promise<void> {
  const ada = await $.Contact.capture({ name: 'Ada', email: 'ada@example.com' })
  const qualified = await $.Contact.qualify(ada.$id, { leadScore: 80 })
  same([qualified.stage, qualified.$version], ['Qualified', 2], 'a verb')
  same(
    (await $.Contact.find({ leadScore: { $gt: 50 } })).map(({ name }) => name),
    ['Ada'],
    'a filter',
  )
  same((await $.Contact.get(ada.$id, { asOf: ada.$updatedAt }))?.stage, 'Lead', 'the past')
  same(
    (await $.Contact.history(ada.$id)).map(({ type }) => type),
    ['Contact.Captured', 'Contact.Qualified'],
    'history',
  )
}

async function pages($: Client): Promise<void> {
  const count = 130
  await Promise.all(Array.from({ length: count }, (_, at) => $.Product.create({ name: `Product ${at}` })))
  const names = new Set<string>()
  for await (const { name } of $.Product.find()) names.add(name)
  same(names.size, count, 'a list to its end')
  const page = await $.Product.find({}, { limit: 10 })
  same([page.length, page.total, page.hasMore], [10, count, true], 'a page')
}

async function ticks(settings: { readonly endpoint: string; readonly tenant: string }): Promise<void> {
  let requests = 0
  const counting = (url: string, init: RequestInit): Promise<Response> => {
    requests++
    return fetch(url, init)
  }
  const $ = Headlessly({ ...settings, fetch: counting })
  await Promise.all(Array.from({ length: 10 }, async () => $.Contact.count()))
  same(requests, 1, 'requests for ten calls')
}

async function references($: Client): Promise<void> {
  const bob = $.Contact.create({ name: 'Bob', stage: 'Qualified' })
  const engine = $.Deal.create({ name: 'Engine', value: 5, contact: bob.$id })
  await $.Deal.create({ name: 'Wheel', value: 2, contact: bob.$id })
  same((await engine).contact, (await bob).$id, 'a reference to what had not come')
  same(await $.Deal.get((await engine).$id).contact.name, 'Bob', 'a way through a relation')
}

async function pipelines($: Client): Promise<void> {
  const qualified = $.Contact.find({ stage: 'Qualified' })
  const names = await qualified
    .map((contact) => contact.deals)
    .filter((deal) => deal.value > 3 && deal.contact?.name !== undefined)
    .map((deal) => `${deal.name} of ${deal.contact?.name ?? 'nobody'}`)
  same(names, ['Engine of Bob'], 'the published chain')
  same(await $.Deal.find().reduce((sum, { value }) => sum + value, 0), 7, 'a sum')
  const least = 4
  const given = await $.Deal.find().filter((deal, { least }) => deal.value < least, { least })
  same(
    given.map(({ name }) => name),
    ['Wheel'],
    'passed values',
  )
  const sorted = await $.Deal.find()
    .sort((left, right) => (left.value === right.value ? 0 : left.value > right.value ? 1 : -1))
    .map(({ name, value, contact }) => ({ name, isCheap: !(value >= 3), of: contact?.organization?.name ?? null }))
  const expected = [
    { name: 'Wheel', isCheap: true, of: null },
    { name: 'Engine', isCheap: false, of: null },
  ]
  same(sorted, expected, 'objects that a callback makes')
  same(await $.Contact.find().some((contact) => contact.deals.some((deal) => deal.value === 5)), true, 'within lists')
  // A bundler cannot inline this value.
  const { length } = names
  const unreadable = await refusal($.Deal.find().filter((deal) => deal.value > length))
  same(unreadable.code, 'unsupported_expression', 'a callback that uses a variable from around it')
}

async function errors($: Client): Promise<void> {
  const wrong = await refusal($.Contact.create({ name: 'Ada', email: 'none' }))
  same([wrong.code, wrong.status, wrong.errors[0]?.field], ['validation_error', 422, 'email'], 'a wrong value')
  const { $id } = await $.Contact.create({ name: 'Cy' })
  await $.Contact.update($id, { name: 'Cy D' })
  const conflict = await refusal($.Contact.update($id, { name: 'x' }, { ifVersion: 1 }))
  same([conflict.code, conflict.detail['currentVersion']], ['version_conflict', 2], 'a conflict')
  same(await $.Contact.get('contact_000000000000'), null, 'nothing')
  same((await refusal($.Contact.qualify('contact_000000000000'))).code, 'not_found', 'a verb of nothing')
}

async function unreachable(tenant: string): Promise<void> {
  // Nothing listens on port 9 (discard), and browsers refuse to connect to it, which has the same effect.
  const nowhere = Headlessly({ tenant, endpoint: 'http://127.0.0.1:9', timeoutMs: 5_000 })
  same((await refusal(nowhere.do('() => 1'))).code, 'network_error', 'no server')
}

async function aborts($: Client): Promise<void> {
  const late = new AbortController()
  const early = await $.Contact.count({}, { signal: AbortSignal.abort('enough') }).catch((reason: unknown) => reason)
  const running = $.Contact.count({}, { signal: late.signal }).catch((reason: unknown) => reason)
  late.abort('enough')
  same([early, await running], ['enough', 'enough'], 'aborted calls')
}

async function events($: Client): Promise<void> {
  const first = $.events.subscribe('Organization.*', ({ seq, data }) => heard(seq, data.name))
  const seen: { seq: number; name: string }[] = []
  let enough = (): void => {}
  const heard = (seq: number, name: string): void => {
    seen.push({ seq, name })
    if (seen.length % 2 === 0) enough()
  }
  const two = (): Promise<void> => new Promise((resolve) => (enough = resolve))
  const both = two()
  await $.Organization.create({ name: 'One' })
  await $.Organization.create({ name: 'Two' })
  await both
  first()
  await $.Organization.create({ name: 'Three' })
  const others = two()
  const after = seen[1]?.seq ?? 0
  const second = $.events.subscribe('Organization.*', ({ seq, data }) => heard(seq, data.name), { after })
  await $.Organization.create({ name: 'Four' })
  await others
  second()
  same(
    seen.map(({ name }) => name),
    ['One', 'Two', 'Three', 'Four'],
    'each event once, in order',
  )
}

async function nextToData($: Client): Promise<void> {
  const code = async ($: Client, { least }: { least: number }): Promise<readonly string[]> => {
    const found: string[] = []
    for await (const deal of $.Deal.find({ value: { $gte: least } })) found.push(deal.name)
    return found
  }
  same(await $.do(code, { given: { least: 5 } }), ['Engine'], 'a function next to the data')
}

async function manyCalls($: Client): Promise<void> {
  const { $id } = await $.Deal.create({ name: 'Counter', value: 0 })
  for (let value = 1; value <= 40; value++) same((await $.Deal.update($id, { value })).value, value, 'a call')
  same((await $.Deal.get($id))?.$version, 41, 'its version')
}

async function environment($: Client, Contact: typeof ContactMethods): Promise<void> {
  const { $id } = await Contact.create({ name: 'Eve' })
  same((await $.Contact.get($id, { strong: true }))?.name, 'Eve', 'what the package wrote')
}

async function refusal(call: PromiseLike<unknown>): Promise<HeadlesslyError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof HeadlesslyError) return error
  throw new Error(`expected a HeadlesslyError, got ${String(error)}`)
}

function same(got: unknown, expected: unknown, what: string): void {
  const [left, right] = [got, expected].map((value) => JSON.stringify(value))
  if (left !== right) throw new Error(`${what}: expected ${right}, got ${left}`)
}
