// Chains of calls in one round trip: counts the messages, and compares the results with those of separate steps.

import { type Client, Headlessly } from '@headlessly/sdk'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant } = useSharedServer()

interface Counted {
  readonly client: Client
  /** Counts HTTP requests, or WebSocket frames in each direction. */
  readonly wire: { out: number; in: number }
}

function overHttp(options: { tenant?: string } = {}): Counted {
  const wire = { out: 0, in: 0 }
  const counting = async (input: string, init: RequestInit): Promise<Response> => {
    wire.out++
    const response = await fetch(input, init)
    wire.in++
    return response
  }
  return { client: Headlessly({ tenant: tenant(), endpoint: url(), fetch: counting, ...options }), wire }
}

const PlatformSocket = WebSocket
afterEach(() => vi.unstubAllGlobals())

/** The platform's WebSocket, with a count of its frames. */
function overSocket(): Counted {
  const wire = { out: 0, in: 0 }
  vi.stubGlobal(
    'WebSocket',
    class extends PlatformSocket {
      constructor(address: string) {
        super(address)
        this.addEventListener('message', () => wire.in++)
      }
      override send(data: string): void {
        wire.out++
        super.send(data)
      }
    },
  )
  return { client: Headlessly({ tenant: tenant(), endpoint: url(), connection: 'websocket' }), wire }
}

async function seed(client: Client): Promise<void> {
  for (const [name, stage] of [
    ['Ada', 'Qualified'],
    ['Bob', 'Qualified'],
    ['Cy', 'Lead'],
  ] as const) {
    const contact = client.Contact.create({ name, stage })
    for (const [at, deal] of (['Negotiation', 'Proposal', 'Negotiation'] as const).entries())
      void client.Deal.create({ name: `${name} ${at}`, value: at + 1, stage: deal, contact: contact.$id })
    await contact
  }
}

describe.each([
  ['over HTTP', overHttp],
  ['over a WebSocket', overSocket],
])('%s', (_, make) => {
  test('the chain of the published example is one message, and only its result is returned', async () => {
    const { client, wire } = make()
    await seed(client)
    await client.Contact.count()
    Object.assign(wire, { out: 0, in: 0 })
    const deals = await client.Contact.find({ stage: 'Qualified' })
      .map((contact) => contact.deals)
      .filter((deal) => deal.stage === 'Negotiation')
    expect(wire).toEqual({ out: 1, in: 1 })
    expect(deals.map((deal) => deal.name).toSorted()).toEqual(['Ada 0', 'Ada 2', 'Bob 0', 'Bob 2'])
    expect(deals[0]).toEqual(await client.Deal.get(deals[0]?.$id ?? ''))
  })

  test('calls of one tick are one message, also if they use each other', async () => {
    const { client, wire } = make()
    const customer = client.Customer.create({ name: 'Ada', email: 'ada@example.com' })
    const ends = new Date(Date.now() + 1_000)
    const subscription = client.Subscription.create({
      customer: customer.$id,
      currentPeriodStart: new Date(),
      currentPeriodEnd: ends,
      startedAt: new Date(),
    })
    const [count, made] = await Promise.all([client.Contact.count(), subscription])
    expect(count).toBe(0)
    expect(made.customer).toBe((await customer).$id)
    expect(wire).toEqual({ out: 1, in: 1 })
    await Promise.all(Array.from({ length: 10 }, () => client.Customer.get(made.customer ?? '')))
    expect(wire).toEqual({ out: 2, in: 2 })
  })

  test('reading a relation of an entity is one message, and the entity itself is not sent', async () => {
    const { client, wire } = make()
    const organization = client.Organization.create({ name: 'Analytical' })
    const contact = await client.Contact.create({ name: 'Ada', organization: organization.$id })
    await client.Deal.create({ name: 'Engine', value: 3, contact: contact.$id })
    Object.assign(wire, { out: 0, in: 0 })
    expect((await client.Contact.get(contact.$id).organization)?.name).toBe('Analytical')
    expect(await client.Contact.get(contact.$id).organization.name).toBe('Analytical')
    expect(await client.Contact.get(contact.$id).deals.map((deal) => deal.name)).toEqual(['Engine'])
    expect(await client.Contact.get(contact.$id).deals.length).toBe(1)
    expect(await client.Contact.findOne({ name: 'Ada' }).deals.reduce((sum, deal) => sum + deal.value, 0)).toBe(3)
    expect(await client.Contact.get(contact.$id).name).toBe('Ada')
    expect(wire).toEqual({ out: 6, in: 6 })
  })
})

describe('pending results', () => {
  test('can be used as an id, in a filter and in data', async () => {
    const { client, wire } = overHttp()
    const lead = client.Contact.create({ name: 'Ada' })
    const qualified = client.Contact.qualify(lead.$id, { leadScore: 7 })
    const deal = client.Deal.create({ name: 'Engine', value: 1, contact: qualified.$id })
    const updated = client.Deal.update(deal.$id, { name: qualified.name })
    const found = client.Deal.find({ $id: updated.$id })
    expect((await found).map(({ name }) => name)).toEqual(['Ada'])
    expect((await updated).name).toBe('Ada')
    expect(wire.out).toBe(1)
  })

  test('that fail make the calls that use them fail with the same error, and no others', async () => {
    const { client, wire } = overHttp()
    const wrong = client.Contact.create({ name: 'Ada', email: 'no email' })
    const deal = client.Deal.create({ name: 'Engine', value: 1, contact: wrong.$id })
    const other = client.Contact.create({ name: 'Bob' })
    await expect(deal).rejects.toMatchObject({ code: 'validation_error', field: 'email' })
    expect((await other).name).toBe('Bob')
    expect(await client.Deal.count()).toBe(0)
    expect(wire.out).toBe(2)
    // The same holds after it has settled.
    await expect(client.Deal.create({ name: 'Engine', value: 1, contact: wrong.$id })).rejects.toMatchObject({
      field: 'email',
    })
  })

  test('of an earlier tick are used if they have settled, and awaited if they are pending', async () => {
    const { client, wire } = overHttp()
    const contact = client.Contact.create({ name: 'Ada' })
    await new Promise((resolve) => setTimeout(resolve, 0))
    const early = client.Deal.create({ name: 'early', value: 1, contact: contact.$id })
    const { $id } = await contact
    const late = client.Deal.create({ name: 'late', value: 1, contact: contact.$id })
    expect((await early).contact).toBe($id)
    expect((await late).contact).toBe($id)
    expect(wire.out).toBeLessThanOrEqual(3)
  })

  test('have undefined for an unset relation, and a part of a missing entity is refused', async () => {
    const { client } = overHttp()
    const { $id } = await client.Contact.create({ name: 'Ada' })
    expect(await client.Contact.get($id).organization).toBeUndefined()
    await expect(client.Contact.get('contact_000000000000').deals).rejects.toMatchObject({ code: 'not_found' })
    await expect(client.Contact.get('contact_000000000000').name).rejects.toMatchObject({ code: 'not_found' })
    await expect(
      client.Deal.create({ name: 'x', value: 1, contact: client.Contact.findOne().$id }),
    ).resolves.toBeDefined()
    const nobody = client.Contact.findOne({ name: 'nobody' })
    await expect(client.Deal.create({ name: 'x', value: 1, contact: nobody.$id })).rejects.toMatchObject({
      code: 'invalid_reference',
    })
  })

  test('may be awaited later and repeatedly', async () => {
    const { client, wire } = overHttp()
    const { $id } = await client.Contact.create({ name: 'Ada' })
    const contact = client.Contact.get($id)
    expect(await contact.deals).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(wire.out).toBe(2)
    expect((await contact)?.name).toBe('Ada')
    expect((await contact)?.name).toBe('Ada')
    expect(wire.out).toBe(3)
  })

  test('throw an error if they are used as a string or a number', async () => {
    const { client } = overHttp()
    const ada = client.Contact.create({ name: 'Ada' })
    const message = 'Contact.create is still pending: await it before using it as a string or number'
    expect(() => String(ada.name)).toThrow(message)
    expect(() => Number(ada.leadScore)).toThrow(message)
    expect(`To ${await ada.name}`).toBe('To Ada')
  })

  test('are used by their $id: a whole pending entity in place of a value is refused', async () => {
    const { client, wire } = overHttp()
    const contact = client.Contact.create({ name: 'Ada' })
    const whole = contact as unknown as string
    const refused = { code: 'invalid_reference', message: expect.stringContaining('Contact.create is an entity') }
    await expect(client.Deal.create({ name: 'Engine', value: 1, contact: whole })).rejects.toMatchObject(refused)
    await expect(client.Contact.get(whole)).rejects.toMatchObject(refused)
    expect((await contact).name).toBe('Ada')
    expect(await client.Deal.count()).toBe(0)
    expect(wire.out).toBe(2)
  })

  test('of the platform, or unawaited lists, are refused instead of being lost in JSON', async () => {
    const { client } = overHttp()
    const name = Promise.resolve('Ada') as unknown as string
    await expect(client.Contact.create({ name })).rejects.toMatchObject({ code: 'validation_error', field: 'name' })
    const list = client.Contact.find() as unknown as string
    await expect(client.Contact.create({ name: list })).rejects.toMatchObject({
      code: 'validation_error',
      field: 'name',
    })
  })
})

test('a callback with a second parameter is refused if no value is passed, rather than run without an index', async () => {
  const { client, wire } = overHttp()
  const indexOf = ((_: unknown, index: unknown) => index) as unknown as (item: unknown) => unknown
  expect(() => client.Contact.find().map(indexOf)).toThrow('there is no index')
  expect(() => client.Contact.find().filter(indexOf)).toThrow('there is no index')
  expect(await client.Contact.find().map((_, { least }) => least, { least: 1 })).toEqual([])
  expect(wire.out).toBe(1)
})

test('calls that exceed one message are sent as several, in order', async () => {
  const { client, wire } = overHttp()
  let contact = client.Contact.create({ name: '0' })
  const all = [contact]
  for (let count = 1; count < 250; count++) {
    contact = client.Contact.create({ name: `${count}`, manager: contact.$id })
    all.push(contact)
  }
  const made = await Promise.all(all)
  for (const [at, { manager }] of made.entries()) expect(manager).toBe(made[at - 1]?.$id)
  expect(wire.out).toBe(3)
})

describe('a callback that cannot be parsed', () => {
  const least = 2

  test('is refused before anything is sent, with an error that suggests an alternative', async () => {
    const { client, wire } = overHttp()
    const deals = client.Deal.find().filter((deal) => deal.value >= least)
    await expect(deals).rejects.toMatchObject({
      code: 'unsupported_expression',
      field: 'filter',
      message:
        'Deal.find: `least` is not a parameter of the callback; pass it: filter((item, { least }) => …, { least }). ' +
        'Code that a pipeline cannot take runs next to the data with $.do',
    })
    expect(wire.out).toBe(0)
    await expect(client.Deal.find().filter((deal, given) => deal.value >= given.least, { least })).resolves.toEqual([])
    expect(wire.out).toBe(1)
  })

  test('can be run by $.do', async () => {
    const { client } = overHttp()
    await seed(client)
    const names = await client.do(
      async ($, { least }) => {
        const deals = await $.Contact.find({ stage: 'Qualified' }).map((contact) => contact.deals)
        const isLarge = (deal: { readonly value: number }): boolean => deal.value >= least
        return deals.filter(isLarge).map(({ name }) => name)
      },
      { given: { least } },
    )
    expect(names.toSorted()).toEqual(['Ada 1', 'Ada 2', 'Bob 1', 'Bob 2'])
  })

  test('is refused if another call uses its result', async () => {
    const { client } = overHttp()
    const sum = client.Deal.find().reduce((total, deal) => total + deal.value * least, 0)
    await expect(client.Deal.create({ name: 'x', value: sum })).rejects.toMatchObject({
      code: 'unsupported_expression',
      field: 'reduce',
    })
    const plain = client.Deal.find().reduce((total, deal) => total + deal.value, 0)
    expect((await client.Deal.create({ name: 'x', value: plain })).value).toBe(0)
  })
})

test('a pipeline processes all matches beyond the page size, and refuses more than its limit', async () => {
  const { client, wire } = overHttp()
  await client.Deal.createMany(Array.from({ length: 10_000 }, () => ({ name: 'deal', value: 2 })))
  wire.out = 0
  expect(await client.Deal.find().reduce((sum, deal) => sum + deal.value, 0)).toBe(20_000)
  expect(await client.Deal.find({}, { limit: 70 }).length).toBe(70)
  await client.Deal.create({ name: 'one more', value: 2 })
  await expect(client.Deal.find().length).rejects.toMatchObject({ code: 'scan_limit', field: 'limit' })
  expect(wire.out).toBe(4)
})

test('a pipeline gives the result of its three separate steps, on generated data', async () => {
  const stages = ['Prospecting', 'Proposal', 'Negotiation'] as const
  const contacts = fc.array(
    fc.record({
      qualified: fc.boolean(),
      deals: fc.array(fc.record({ value: fc.integer({ min: 0, max: 100 }), stage: fc.constantFrom(...stages) }), {
        maxLength: 4,
      }),
    }),
    { maxLength: 6 },
  )
  await fc.assert(
    fc.asyncProperty(contacts, async (rows) => {
      const { client } = overHttp()
      for (const [at, { qualified, deals }] of rows.entries()) {
        const contact = client.Contact.create({ name: `${at}`, stage: qualified ? 'Qualified' : 'Lead' })
        for (const deal of deals) void client.Deal.create({ name: 'deal', ...deal, contact: contact.$id })
        await contact
      }
      const piped = await client.Contact.find({ stage: 'Qualified' })
        .map((contact) => contact.deals)
        .filter((deal) => deal.stage === 'Negotiation' && deal.value % 3 !== 1)
        .sort((left, right) => right.value - left.value)
      const found = await client.Contact.find({ stage: 'Qualified' }, { limit: 100 })
      const lists = await Promise.all(found.map(({ $id }) => client.Deal.find({ contact: $id }, { limit: 100 })))
      const stepped = lists
        .flat()
        .filter((deal) => deal.stage === 'Negotiation' && deal.value % 3 !== 1)
        .sort((left, right) => right.value - left.value)
      expect(piped).toEqual(stepped)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 6) },
  )
}, 60_000)
