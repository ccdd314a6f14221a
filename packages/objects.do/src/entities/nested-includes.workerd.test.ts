// `include` by paths: what a path leads to at each level, and where lists are cut.

import { env } from 'cloudflare:test'
import { fullAuthority, type JsonValue, ObjectError, type Parameters } from 'digital-objects'
import { beforeAll, expect, test } from 'vitest'
import { askRead, askWrite } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'

const caller = {
  tenant: 'nested',
  context: 'http://localhost/~nested',
  authority: fullAuthority('user_1'),
  via: 'rest',
} as const
const stub = env.TENANTS.getByName('nested')
type Json = Readonly<Record<string, JsonValue>>

function bodyOf(answer: Answer): Json {
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body === '' ? '{}' : answer.body) as Json
}
const write = async (noun: string, verb: string, body: object): Promise<Json> =>
  bodyOf(await askWrite(stub, caller, { noun, verb, body: JSON.stringify(body) }))
const create = async (noun: string, body: object): Promise<string> => String((await write(noun, 'create', body))['$id'])
const read = async (noun: string, parameters: Parameters, id?: string): Promise<Json> =>
  bodyOf(
    await askRead(stub, caller, {
      read: id === undefined ? 'find' : 'get',
      noun,
      parameters,
      ...(id === undefined ? {} : { id }),
    }),
  )

let [acme, ada, deal, user] = ['', '', '', '']

beforeAll(async () => {
  acme = await create('Organization', { name: 'Acme' })
  user = await create('User', { name: 'Owner', email: 'owner@example.com' })
  ada = await create('Contact', { name: 'Ada', organization: acme })
  deal = await create('Deal', { name: 'd', value: 1, contact: ada, owner: user })
  await create('Deal', { name: 'e', value: 2, contact: ada, owner: ada })
  await create('Activity', { subject: 'call', deal, contact: ada })
})

test('a path leads through lists and references, up to three of them', async () => {
  expect(await read('Organization', { include: 'contacts.deals.activities' }, acme)).toMatchObject({
    contacts: [
      {
        $id: ada,
        organization: acme,
        deals: [
          { name: 'e', activities: [], contact: ada },
          { name: 'd', activities: [{ subject: 'call', deal }] },
        ],
      },
    ],
  })
  const nested = await read('Activity', { include: 'deal.contact.organization,contact' })
  expect(nested).toMatchObject({
    results: [
      { deal: { $id: deal, contact: { $id: ada, organization: { name: 'Acme' } } }, contact: { organization: acme } },
    ],
  })
})

test('paths with the same beginning are one relation, and a reference to several Nouns leads on where it can', async () => {
  const { results } = await read('Deal', { include: 'contact.organization,contact.deals,owner.deals', sort: 'name' })
  expect(results).toMatchObject([
    { contact: { organization: { name: 'Acme' }, deals: [{ name: 'e' }, { name: 'd' }] }, owner: { name: 'Owner' } },
    { owner: { $id: ada, deals: [{ name: 'e' }, { name: 'd' }] } },
  ])
  const [{ owner = {} } = {}] = results as Json[]
  expect(owner).not.toHaveProperty('deals')
})

test.each([
  [
    'contacts.deals.activities.contact',
    "include leads through at most 3 relations, got 'contacts.deals.activities.contact'",
  ],
  ['contacts.dealz', "Contact has no relation 'dealz'; did you mean 'deals'?"],
  ['contacts.name', 'Contact has no relation'],
  ['contacts.', 'Contact has no relation'],
  ['.contacts', 'Organization has no relation'],
])('include=%s is refused', async (include, message) => {
  await expect(read('Organization', { include }, acme)).rejects.toMatchObject({
    code: 'invalid_include',
    message: expect.stringContaining(message) as string,
  })
})

test('each list says where its rest is, also inside others, and together they have a limit', async () => {
  const big = await create('Organization', { name: 'Big' })
  const contacts: string[] = []
  for (let at = 0; at < 12; at++) contacts.push(await create('Contact', { name: `c${at}`, organization: big }))
  const deals = contacts.flatMap((contact, at) =>
    Array.from({ length: at === 0 ? 101 : 99 }, () => ({ name: 'd', value: 1, contact })),
  )
  for (let start = 0; start < deals.length; start += 1_000)
    await write('Deal', 'createMany', { entities: deals.slice(start, start + 1_000) })
  const whole = await read('Organization', { include: 'contacts.deals' }, big)
  const included = whole['contacts'] as readonly (Json & { readonly deals: readonly Json[] })[]
  expect(whole).not.toHaveProperty('$more')
  // Newest first: ten lists of 99, the beginning of the eleventh, and nothing of the twelfth.
  expect(included.map((contact) => contact.deals.length)).toEqual([...Array.from({ length: 10 }, () => 99), 10, 0])
  for (const [at, contact] of included.entries()) {
    const more = { deals: { noun: 'Deal', filter: { contact: contact['$id'] } } }
    if (at < 10) expect(contact).not.toHaveProperty('$more')
    else expect(contact['$more']).toEqual(more)
  }
  const [first = ''] = contacts
  const one = await read('Contact', { include: 'deals.contact' }, first)
  expect(one['deals']).toHaveLength(100)
  expect(one['$more']).toEqual({ deals: { noun: 'Deal', filter: { contact: first } } })
})
