// A client with the tenant's own Nouns, on a server where they are defined while it runs.

import { extend, Headlessly, HeadlesslyError, Noun, type ObjectEvent, Subscription as BuiltIn } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant, call } = useServer({ flush: { intervalMs: 200 } })

const Vehicle = Noun(
  'Vehicle',
  {
    name: 'string!',
    seats: 'integer(1..60)! = 5',
    tags: 'string[]',
    mood: 'Calm | Busy = Calm',
    owner: '-> Organization.vehicles',
    drive: 'Driven',
  },
  { state: 'mood', transitions: [{ from: ['Calm'], verb: 'drive', to: 'Busy' }], effects: { drive: { sets: {} } } },
)
const Trip = Noun('Trip', { to: 'string!', vehicle: '-> Vehicle.trips!' })
const additions = { churnReason: 'Price | Feature', recall: 'Recalled' } as const
const Subscription = extend(BuiltIn, additions)
const own = [Vehicle, Trip, Subscription] as const

/** Creates a tenant with these Nouns. */
async function defined(): Promise<string> {
  const name = tenant()
  for (const { $name, $schema } of [Vehicle, Trip])
    expect(await call('PUT', `/~${name}/schema/${$name}`, $schema.definition)).toMatchObject({ status: 201 })
  const patch = await call('PATCH', `/~${name}/schema/Subscription`, { fields: additions })
  expect([200, 201]).toContain(patch.status)
  return name
}

test.each(['http', 'websocket'] as const)(
  'entities of own Nouns work like built-in ones over %s: writes, lists, includes, pipelines and events',
  async (connection) => {
    const $ = Headlessly({ tenant: await defined(), endpoint: url(), connection, nouns: own })
    const heard: ObjectEvent[] = []
    const unsubscribe = $.events.subscribe('Vehicle.*', (event) => void heard.push(event))
    const acme = $.Organization.create({ name: 'Acme' })
    const bus = $.Vehicle.create({ name: 'Bus', seats: 40, tags: ['red', 'long'], owner: acme.$id })
    const [car, trip] = await Promise.all([
      $.Vehicle.create({ name: 'Car', owner: acme.$id }),
      $.Trip.create({ to: 'Rome', vehicle: bus.$id }),
    ])
    expect(car).toMatchObject({ $type: 'Vehicle', seats: 5, mood: 'Calm', owner: (await acme).$id })
    expect(trip.vehicle).toBe((await bus).$id)

    expect((await $.Vehicle.find({ tags: 'red', seats: { $gt: 5 } })).map(({ name }) => name)).toEqual(['Bus'])
    expect((await $.Vehicle.find({}, { sort: '-seats' })).map(({ seats }) => seats)).toEqual([40, 5])
    expect(await $.Vehicle.count({ mood: 'Busy' })).toBe(0)
    const whole = await $.Organization.get((await acme).$id, { include: ['vehicles'] })
    expect(whole?.vehicles.map(({ name }) => name).toSorted()).toEqual(['Bus', 'Car'])

    expect(await $.Trip.get(trip.$id).vehicle.owner.name).toBe('Acme')
    const destinations = await $.Organization.find()
      .map((organization) => organization.vehicles)
      .filter((vehicle) => vehicle.seats > 5)
      .map((vehicle) => vehicle.trips.map((trip) => trip.to))
    expect(destinations).toEqual([['Rome']])

    expect((await $.Vehicle.drive(car.$id)).$version).toBe(2)
    expect((await $.Vehicle.history(car.$id)).map(({ type }) => type)).toEqual(['Vehicle.Created', 'Vehicle.Driven'])
    expect(await $.Vehicle.drivenBy('owner')).toHaveLength(1)
    await expect
      .poll(() => heard.map(({ type }) => type))
      .toEqual(['Vehicle.Created', 'Vehicle.Created', 'Vehicle.Driven'])
    unsubscribe()
  },
)

test('additions to a built-in Noun are available together with its own members, also in its domain', async () => {
  const $ = Headlessly({ tenant: await defined(), endpoint: url(), nouns: own })
  const customer = await $.Customer.create({ name: 'Ada' })
  const made = await $.billing.Subscription.create({ customer: customer.$id, churnReason: 'Price' })
  expect(made).toMatchObject({ $type: 'Subscription', churnReason: 'Price' })
  expect(await $.Subscription.find({ churnReason: 'Price' })).toHaveLength(1)
  expect((await $.Subscription.recall(made.$id)).$version).toBe(2)
  await expect($.Subscription.update(made.$id, { churnReason: 'Weather' as 'Price' })).rejects.toMatchObject({
    code: 'validation_error',
    field: 'churnReason',
  })
})

test('the client of code next to the data has the own Nouns too', async () => {
  const $ = Headlessly({ tenant: await defined(), endpoint: url(), nouns: own })
  const acme = await $.Organization.create({ name: 'Acme' })
  const made = await $.do(
    async ($, { owner }) => {
      const { $id } = await $.Vehicle.create({ name: 'Bus', owner })
      await $.Vehicle.drive($id)
      await $.Subscription.count({ churnReason: 'Price' })
      return (await $.Organization.get(owner, { include: ['vehicles'] }))?.vehicles.map(({ mood }) => mood)
    },
    { given: { owner: acme.$id } },
  )
  expect(made).toEqual(['Busy'])
})

test('a client without the Nouns has no methods for them, and a server without them refuses the calls', async () => {
  const name = await defined()
  const plain = Headlessly({ tenant: name, endpoint: url() })
  expect('Vehicle' in plain).toBe(false)
  const early = Headlessly({ tenant: tenant(), endpoint: url(), nouns: own })
  await expect(early.Vehicle.count()).rejects.toBeInstanceOf(HeadlesslyError)
  expect(await early.Contact.count()).toBe(0)
})

test('Nouns that contradict each other are refused when the client is created', () => {
  const make = (nouns: readonly (typeof Vehicle | typeof Trip)[]) => () =>
    Headlessly({ tenant: 'acme', endpoint: 'http://localhost:1', nouns })
  expect(make([Trip])).toThrow("refers to the unknown Noun 'Vehicle'")
  expect(make([Vehicle, Vehicle])).toThrow('nouns holds two of the name Vehicle')
  expect(make([Trip, Vehicle])).not.toThrow()
})
