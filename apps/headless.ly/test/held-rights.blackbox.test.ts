// Rights that nobody may gain by a detour: by the agent of a person who was deleted, by records of the server's work, by copies of
// what a role hides, and by verbs that give money away.

import type { NounAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { useSharedServer } from './server.ts'

type Json = Readonly<Record<string, unknown>>

const { call, tenant } = useSharedServer()
const everything: NounAuthority = { read: 'all', write: 'all', hidden: [], verbs: 'all' }

/** Requests to one tenant, of its owner or with a key. */
function tenantOf(at: string) {
  const send = async (method: string, path: string, body?: object, key?: string) =>
    call(method, `${at}${path}`, body, key === undefined ? {} : { authorization: `Bearer ${key}` })
  const make = async (path: string, body: object, key?: string): Promise<Json & { readonly $id: string }> => {
    const made = await send('POST', path, body, key)
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ $id: expect.any(String) })])
    return { ...made.body, $id: String(made.body['$id']) }
  }
  return {
    send,
    make,
    status: async (path: string, key?: string) => (await send('GET', path, undefined, key)).status,
    /** Sends a request, and returns its status, and the detail of a refusal. */
    outcome: async (method: string, path: string, body: object, key?: string): Promise<unknown> => {
      const { status, body: answer } = await send(method, path, body, key)
      return status < 300 ? 'done' : [status, answer['detail']]
    },
    person: async (role: string) => {
      const { $id } = await make('/User', { name: role, email: `${role.toLowerCase()}@example.com`, role })
      return { id: $id, key: String((await make('/ApiKey', { name: role, owner: $id }))['key']) }
    },
    find: async (noun: string, filter: object = {}): Promise<readonly Json[]> => {
      const { body } = await send('GET', `/${noun}?strong=true&filter=${encodeURIComponent(JSON.stringify(filter))}`)
      return body['results'] as readonly Json[]
    },
  }
}

const forbidden = (text = ''): unknown => [403, expect.stringContaining(text)]

test('the agent of a person who was deleted may do nothing, on a server of one person too', async () => {
  const t = tenantOf(`/~${tenant()}`)
  const mia = await t.person('Member')
  const agent = await t.make('/Agent', { name: 'Mine', status: 'Active' }, mia.key)
  const key = String((await t.make('/ApiKey', { name: 'agent', owner: agent.$id }))['key'])
  expect(await t.status('/Contact?strong=true', key)).toBe(200)
  expect(await t.outcome('DELETE', `/User/${mia.id}`, {})).toBe('done')
  expect(await t.status('/Contact?strong=true', key)).toBe(401)
  expect(await t.find('Agent')).toMatchObject([{ owner: mia.id }])
  // Nobody without full authority takes it over.
  const other = await t.person('Member')
  expect(await t.outcome('PATCH', `/Agent/${agent.$id}`, { owner: other.id }, other.key)).toEqual(forbidden())
  expect(await t.outcome('PATCH', `/Agent/${agent.$id}`, { owner: null }, other.key)).toEqual(forbidden())
  expect(await t.outcome('PATCH', `/Agent/${agent.$id}`, { owner: other.id })).toBe('done')
  expect(await t.status('/Contact?strong=true', key)).toBe(200)
})

test('only the server says that a run has succeeded; its owner may end it as failed', async () => {
  const t = tenantOf(`/~${tenant()}`)
  const steps = [{ action: 'Contact.create', mapping: { name: 'x' }, delay: '1d' }]
  const { $id: workflow } = await t.make('/Workflow', { name: 'w', steps })
  for (const verb of ['activate', 'trigger'])
    expect(await t.outcome('POST', `/Workflow/${workflow}/${verb}`, {})).toBe('done')
  await expect.poll(() => t.find('WorkflowRun'), { timeout: 20_000 }).toMatchObject([{ status: 'Waiting' }])
  const run = `/WorkflowRun/${String((await t.find('WorkflowRun'))[0]?.['$id'])}`
  const refused = forbidden('only the server says that a WorkflowRun has succeeded')
  expect(await t.outcome('POST', `${run}/succeed`, {})).toEqual(refused)
  expect(await t.outcome('PATCH', run, { status: 'Succeeded' })).toEqual(refused)
  expect(await t.outcome('POST', '/WorkflowRun', { workflow, status: 'Succeeded' })).toEqual(refused)
  const { $id: agent } = await t.make('/Agent', { name: 'Robot' })
  const { $id: task } = await t.make('/AgentRun', { agent })
  expect(await t.outcome('POST', `/AgentRun/${task}/succeed`, { answer: '42' })).toEqual(
    forbidden('only the server says that a AgentRun has succeeded'),
  )
  expect(await t.find('WorkflowRun')).toMatchObject([{ status: 'Waiting' }])
  expect(await t.outcome('POST', `${run}/fail`, { error: 'not needed' })).toBe('done')
})

test('a role that hides an invoice sees neither its journal nor findings about it, nor a task of an agent', async () => {
  const t = tenantOf(`/~${tenant()}`)
  const setInvoice = async (Invoice: NounAuthority): Promise<unknown> =>
    t.outcome('PUT', '/rules', { roles: { Viewer: { nouns: { Invoice }, others: everything } } })
  await t.make('/Ledger', { name: 'books' })
  expect(await setInvoice({ ...everything, read: { currency: 'EUR' } })).toBe('done')
  const agent = await t.make('/Agent', { name: 'Robot' })
  const { key } = await t.person('Viewer')
  const copies = ['/JournalEntry?strong=true', '/PaymentFinding?strong=true', '/ledger/balances']
  for (const path of [...copies, '/schema/JournalEntry']) expect([path, await t.status(path, key)]).toEqual([path, 404])
  expect(await t.status(`/Agent?filter=${encodeURIComponent('{"lastCall":{"$exists":true}}')}`, key)).toBe(400)
  expect(await t.status(`/Agent/${agent.$id}?strong=true`, key)).toBe(200)
  // A caller who reads all of the sources reads the copies.
  expect(await setInvoice({ ...everything, verbs: [] })).toBe('done')
  for (const path of copies) expect([path, await t.status(path, key)]).toEqual([path, 200])
})

test('a member records payments, gives no money away, and writes no work of the server with a provider', async () => {
  const t = tenantOf(`/~${tenant()}`)
  const mia = await t.person('Member')
  const finalized = async (): Promise<string> => {
    const lineItems = [{ description: 'Hour', quantity: 1, unitAmount: 5_000, amount: 5_000 }]
    const { $id } = await t.make('/Invoice', { currency: 'EUR', lineItems }, mia.key)
    expect(await t.outcome('POST', `/Invoice/${$id}/finalize`, {}, mia.key)).toBe('done')
    return $id
  }
  const [paid, open] = [await finalized(), await finalized()]
  expect(await t.outcome('POST', `/Invoice/${paid}/pay`, {}, mia.key)).toBe('done')
  const payment = String((await t.find('Payment', { invoice: paid }))[0]?.['$id'])
  for (const [path, name] of [
    [`/Payment/${payment}/refund`, 'Payment.refund'],
    [`/Invoice/${open}/credit`, 'Invoice.credit'],
    [`/Invoice/${open}/void`, 'Invoice.void'],
    [`/Invoice/${open}/markUncollectible`, 'Invoice.markUncollectible'],
  ] as const)
    expect(await t.outcome('POST', path, {}, mia.key)).toEqual(forbidden(name))
  const operations = [{ method: 'POST', path: `/Payment/${payment}/refund`, body: {} }]
  expect(await t.outcome('POST', '/batch', { operations }, mia.key)).not.toBe('done')
  expect(await t.outcome('PATCH', `/Invoice/${open}`, { status: 'Voided' }, mia.key)).toEqual(forbidden())
  for (const noun of ['PaymentRun', 'PaymentFinding'])
    expect(await t.outcome('POST', `/${noun}`, { key: 'k', message: 'm', kind: 'Sync' }, mia.key)).not.toBe('done')
  expect(await t.find('Payment')).toMatchObject([{ status: 'Succeeded' }])
  // A role of the tenant may name the verb.
  const { body: rules } = await t.send('GET', '/rules')
  const { roles } = rules as unknown as { readonly roles: { readonly Member: { readonly nouns: object } } }
  const Member = { ...roles.Member, nouns: { ...roles.Member.nouns, Payment: everything } }
  expect(await t.outcome('PUT', '/rules', { roles: { Member } })).toBe('done')
  expect(await t.outcome('POST', `/Payment/${payment}/refund`, {}, mia.key)).toBe('done')
})
