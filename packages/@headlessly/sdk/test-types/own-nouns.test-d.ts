// Type tests of a client with own Nouns, and of uses that must not compile. `tsc` checks this file; nothing here runs.

import { type Client, Deal, extend, Headlessly, Noun, type Page, Subscription as BuiltIn } from '@headlessly/sdk'
import type { EntityOf, nouns } from 'digital-objects'

type Equal<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false
function expectType<_IsTrue extends true>(): void {}

const Vehicle = Noun('Vehicle', {
  name: 'string!',
  seats: 'integer(1..60)! = 5',
  tags: 'string[]',
  mood: 'Calm | Busy',
  owner: '-> Organization.vehicles',
  garage: '-> Garage.vehicles!',
  drivers: '-> Contact.drives[]',
  drive: 'Driven',
  delete: null,
})
const Garage = Noun('Garage', { name: 'string!', vehicles: '<- Vehicle.garage[]' })
const Subscription = extend(BuiltIn, { churnReason: 'Price | Feature', cheer: 'Cheered' })
const $ = Headlessly({ tenant: 'acme', nouns: [Vehicle, Garage, Subscription] })

type VehicleEntity = EntityOf<typeof Vehicle>

const made = await $.Vehicle.create({ name: 'Bus', garage: 'garage_0123456789AB', tags: ['old'] })
expectType<Equal<typeof made, VehicleEntity>>()
expectType<Equal<(typeof made)['seats'], number>>()
expectType<Equal<(typeof made)['mood'], 'Calm' | 'Busy' | undefined>>()

const found = await $.Vehicle.find({ mood: 'Busy', seats: { $gte: 3 } }, { sort: '-seats', include: ['owner'] })
expectType<Equal<NonNullable<(typeof found)[number]['owner']>['$type'], 'Organization'>>()
for await (const vehicle of $.Vehicle.find()) expectType<Equal<typeof vehicle, VehicleEntity>>()
const garages = await $.Garage.find()
expectType<Equal<typeof garages, Page<EntityOf<typeof Garage>>>>()

const { result: bus } = await $.batch((tx) => {
  const garage = tx.Garage.create({ name: 'North' })
  return tx.Vehicle.create({ name: 'Bus', garage: garage.$id })
})
expectType<Equal<typeof bus, VehicleEntity>>()
// @ts-expect-error -- its definition disables it
void $.batch((tx) => tx.Vehicle.delete('vehicle_0123456789AB'))
$.commits.subscribe('Vehicle.Driven', ({ events }) => {
  expectType<Equal<(typeof events)[number]['type'], 'Vehicle.Driven'>>()
})

const driven = await $.Vehicle.drive(made.$id, { seats: 4 })
expectType<Equal<typeof driven, VehicleEntity>>()
const drives = await $.Vehicle.drivenBy('user_0123456789AB')
expectType<Equal<(typeof drives)[number]['type'], 'Vehicle.Driven'>>()
expectType<Equal<(typeof drives)[number]['data'], VehicleEntity>>()

// The inverse that a reference names appears at its other end, also on built-in Nouns.
const organization = await $.Organization.get('organization_0123456789AB', { include: ['vehicles', 'contacts'] })
expectType<Equal<NonNullable<typeof organization>['vehicles'], readonly VehicleEntity[]>>()
expectType<Equal<NonNullable<typeof organization>['contacts'][number]['$type'], 'Contact'>>()

// Own Nouns have comments and files like all others.
const discussed = await $.Vehicle.get(made.$id, { include: ['comments'] })
expectType<Equal<NonNullable<typeof discussed>['comments'][number]['$type'], 'Comment'>>()

// A list of references is a list at both of its ends.
const driven2 = await $.Vehicle.get(made.$id, { include: ['drivers'] })
expectType<Equal<NonNullable<typeof driven2>['drivers'][number]['$type'], 'Contact'>>()
const driver = await $.Contact.get('contact_0123456789AB', { include: ['drives'] })
expectType<Equal<NonNullable<typeof driver>['drives'], readonly VehicleEntity[]>>()
await $.Vehicle.find({ drivers: 'contact_0123456789AB', 'drivers.name': 'Ada', tags: { $in: ['old'] } })
await $.Vehicle.create({ name: 'Bus', garage: 'garage_0123456789AB', drivers: ['contact_0123456789AB'] })
const driverNames = await $.Vehicle.find()
  .map((vehicle) => vehicle.drivers)
  .map((contact) => contact.name)
expectType<Equal<typeof driverNames, string[]>>()

// Pending results have relations, also those of own Nouns.
const owner = await $.Vehicle.get(made.$id).garage.name
expectType<Equal<typeof owner, string>>()
const names = await $.Organization.find()
  .map((organization) => organization.vehicles)
  .filter((vehicle) => vehicle.mood === 'Busy')
  .map((vehicle) => vehicle.garage?.name)
expectType<Equal<typeof names, (string | undefined)[]>>()

// Additions to a built-in Noun, also in its domain. The rest of it and all other Nouns are unchanged.
await $.Subscription.update('subscription_0123456789AB', { churnReason: 'Price' })
expectType<Equal<typeof $.billing.Subscription, typeof $.Subscription>>()
await $.Subscription.cheer('subscription_0123456789AB')
await $.Subscription.find({ churnReason: 'Feature', status: 'Active' })
expectType<Equal<Awaited<ReturnType<typeof $.Contact.qualify>>, EntityOf<typeof nouns.Contact>>>()
await $.Contact.capture({ name: 'Ada' })
const deals = await $.crm.Contact.get('contact_0123456789AB', { include: ['deals'] })
expectType<Equal<NonNullable<typeof deals>['deals'], readonly EntityOf<typeof nouns.Deal>[]>>()

// Events have the types of their pattern.
$.events.subscribe('Vehicle.Driven', (event) => {
  expectType<Equal<typeof event.type, 'Vehicle.Driven'>>()
  expectType<Equal<typeof event.data, VehicleEntity>>()
})
$.events.subscribe('Contact.*', (event) => expectType<Equal<typeof event.data, EntityOf<typeof nouns.Contact>>>())

// Code next to the data has the same client.
const counted = await $.do(async ($) => $.Vehicle.count({ mood: 'Calm' }))
expectType<Equal<typeof counted, number>>()

// A client without own Nouns has the default type.
const plain = Headlessly({ tenant: 'acme' })
expectType<Equal<typeof plain, Client>>()
const listed: (typeof Vehicle)[] = []
expectType<Equal<ReturnType<typeof Headlessly<typeof listed>>, Client>>()

// @ts-expect-error lists have no order
await $.Vehicle.find({}, { sort: 'tags' })
// @ts-expect-error an unknown field
await $.Vehicle.create({ name: 'Bus', garage: 'garage_0123456789AB', wheels: 4 })
// @ts-expect-error its garage is missing
await $.Vehicle.create({ name: 'Bus' })
// @ts-expect-error no such value
await $.Vehicle.find({ mood: 'Angry' })
// @ts-expect-error no relation
await $.Vehicle.get(made.$id, { include: ['name'] })
// @ts-expect-error vehicles cannot be deleted
await $.Vehicle.delete(made.$id)
// @ts-expect-error no such verb
await $.Vehicle.fly(made.$id)
// @ts-expect-error no event of a Vehicle
$.events.subscribe('Vehicle.Flown', () => {})
// @ts-expect-error a Noun that the client does not have
void plain.Vehicle
// @ts-expect-error no such value was added
await $.Subscription.update('subscription_0123456789AB', { churnReason: 'Weather' })
// @ts-expect-error an addition of an unknown type
extend(Deal, { mood: 'strng' })
extend(Deal, { retry: 'Retried' }, { state: 'stage', transitions: [{ from: ['Lost'], verb: 'retry', to: 'Won' }] })
const fromGone = { from: ['Gone'], verb: 'retry', to: 'Won' } as const
// @ts-expect-error a transition from a value that the state does not have
extend(Deal, { retry: 'Retried' }, { state: 'stage', transitions: [fromGone] })
