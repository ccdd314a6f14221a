// Type tests of the client, and of uses that must not compile. `tsc` checks this file; nothing here runs.

import {
  $,
  type Batched,
  Comment,
  type Commit,
  Contact,
  Deal,
  type DryRun,
  Headlessly,
  type ManyResult,
  type MoreRelated,
  type Page,
  type UndoingCommit,
} from '@headlessly/sdk'
import type { Entity, EntityOf, nouns } from 'digital-objects'

type Equal<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false
function expectType<_IsTrue extends true>(): void {}

type ContactEntity = EntityOf<typeof nouns.Contact>
type DealEntity = EntityOf<typeof nouns.Deal>

const ada = await Contact.create({ name: 'Ada', stage: 'Lead', lastEngagement: new Date() })
expectType<Equal<typeof ada, ContactEntity>>()
expectType<Equal<(typeof ada)['stage'], 'Lead' | 'Qualified' | 'Customer' | 'Churned' | 'Partner'>>()

const got = await Contact.get(ada.$id)
expectType<Equal<typeof got, ContactEntity | null>>()

// Included relations: reverse relations are always lists, and a referenced entity may have been deleted.
const whole = await Contact.get(ada.$id, { include: ['organization', 'deals'] })
if (whole === null) throw new Error('gone')
expectType<Equal<(typeof whole)['deals'], readonly DealEntity[]>>()
expectType<Equal<NonNullable<(typeof whole)['organization']>['$type'], 'Organization'>>()
expectType<Equal<(typeof whole)['manager'], string | undefined>>()
const one = await Contact.get(ada.$id, { include: 'deals' })
expectType<Equal<NonNullable<typeof one>['deals'], readonly DealEntity[]>>()

// Paths lead through up to three relations, and each level has the type of what it includes.
const nested = await Contact.get(ada.$id, { include: ['deals.owner.ownedDeals', 'deals.activities', 'organization'] })
if (nested === null) throw new Error('gone')
const [nestedDeal] = nested.deals
expectType<Equal<NonNullable<typeof nestedDeal>['activities'][number]['$type'], 'Activity'>>()
expectType<Equal<NonNullable<NonNullable<typeof nestedDeal>['owner']>['ownedDeals'], readonly DealEntity[]>>()
expectType<Equal<NonNullable<typeof nestedDeal>['contact'], string | undefined>>()
expectType<
  Equal<(typeof nested)['$more'], { readonly deals?: MoreRelated; readonly organization?: MoreRelated } | undefined>
>()

// A comment is about an entity of any type.
const comment = await Comment.create({ body: 'Hello', about: ada.$id })
const commented = await Comment.get(comment.$id, { include: ['about'] })
expectType<Equal<NonNullable<typeof commented>['about'], Entity | null | undefined>>()
const discussed = await Contact.get(ada.$id, { include: ['comments', 'files', 'customer'] })
expectType<Equal<NonNullable<typeof discussed>['comments'][number]['$type'], 'Comment'>>()
expectType<Equal<NonNullable<NonNullable<typeof discussed>['customer']>['$type'], 'Customer'>>()

const some = await Contact.find({ stage: 'Lead' }, { fields: ['name', 'email'], include: ['deals'] })
expectType<
  Equal<
    (typeof some)[number],
    {
      readonly $type: 'Contact'
      readonly $id: string
      readonly name: string
      readonly email?: string
      readonly deals: readonly DealEntity[]
      readonly $more?: { readonly deals?: MoreRelated }
    }
  >
>()
expectType<Equal<(typeof some)['total'], number | null>>()

const deals = Deal.find(
  { value: { $gte: 1_000 }, 'contact.organization.industry': 'retail' },
  { sort: '-value', limit: 10 },
)
for await (const deal of deals) expectType<Equal<typeof deal, DealEntity>>()
expectType<Equal<Awaited<typeof deals>, Page<DealEntity>>>()

const first = await Deal.findOne({ stage: { $in: ['Won', 'Lost'] } }, { sort: { value: -1 } })
expectType<Equal<typeof first, DealEntity | null>>()

// All the ways to call a verb.
expectType<Equal<Awaited<ReturnType<typeof Contact.qualify>>, ContactEntity>>()
await Contact.qualify(ada.$id)
await Contact.qualify(ada.$id, { leadScore: 3 })
await Contact.qualify({ id: ada.$id, leadScore: 3 })
await Contact.qualify({ $id: ada.$id }, { ifVersion: 2 })
await Contact.capture({ name: 'Ada' })
await $.FeatureFlag.rollout('featureflag_0123456789AB', { percentage: 25 })
await $.Agent.ask('agent_0123456789AB', { question: 'why?' })
await Contact.update({ ...ada, name: 'Ada Lovelace' })
await Contact.update(ada.$id, { name: 'Ada', email: null })

const history = await Deal.history('deal_0123456789AB')
expectType<Equal<(typeof history)[number]['data'], DealEntity>>()

// Events have the types of their pattern.
$.events.subscribe('Contact.Qualified', (event) => {
  expectType<Equal<typeof event.type, 'Contact.Qualified'>>()
  expectType<Equal<typeof event.data, ContactEntity>>()
})
$.events.subscribe('Deal.*', (event) => expectType<Equal<typeof event.data, DealEntity>>())
$.events.subscribe('*.Created,Deal.Won', (event) => expectType<Equal<typeof event.type, string>>())
$.events.subscribe(ada.$id as 'contact_0123456789AB', () => {})

const acme = Headlessly({ tenant: 'acme' })
expectType<Equal<typeof acme.Contact, typeof Contact>>()
expectType<Equal<typeof acme.crm.Contact, typeof $.Contact>>()

// Pending results have relations as entities, and the awaited result is plain.
const organization = await Contact.get(ada.$id).organization
expectType<Equal<typeof organization, EntityOf<typeof nouns.Organization> | null | undefined>>()
const industry = await Contact.get(ada.$id).organization.industry
expectType<Equal<typeof industry, string | undefined>>()
const negotiations = await $.Contact.find({ stage: 'Qualified' })
  .map((contact) => contact.deals)
  .filter((deal) => deal.stage === 'Negotiation')
expectType<Equal<typeof negotiations, DealEntity[]>>()
const sum = await Deal.find().reduce((total, deal) => total + deal.value, 0)
expectType<Equal<typeof sum, number>>()
const cards = await Contact.find().map((contact) => ({
  name: contact.name,
  company: contact.organization?.name,
  deals: contact.deals,
}))
expectType<Equal<(typeof cards)[number], { name: string; company: string | undefined; deals: DealEntity[] }>>()
const emails = await Contact.find()
  .map((contact) => contact.email)
  .filter((email) => email !== undefined)
expectType<Equal<typeof emails, string[]>>()
const large = await Deal.find().filter((deal, { least }) => deal.value > least, { least: 3 })
expectType<Equal<typeof large, DealEntity[]>>()
const biggest = await Deal.find()
  .sort((left, right) => right.value - left.value)
  .slice(0, 3)
  .find((deal) => deal.value > 1)
expectType<Equal<typeof biggest, DealEntity | undefined>>()
const howMany = await Deal.find({ stage: 'Won' }).length
expectType<Equal<typeof howMany, number>>()
const someFields = await Contact.find({}, { fields: ['name'] }).filter((contact) => contact.deals.length > 0)
expectType<Equal<typeof someFields, { readonly $type: 'Contact'; readonly $id: string; readonly name: string }[]>>()

// A pending result can be used as a value.
const newcomer = Contact.create({ name: 'Ada' })
await Deal.create({ name: 'Engine', value: 1, contact: newcomer.$id })
await Deal.find({ contact: newcomer.$id })
await Contact.qualify(newcomer.$id, { leadScore: 3 })
await Contact.update({ id: newcomer.$id, name: 'Ada' })
const promised: Promise<ContactEntity> = newcomer
void promised

// @ts-expect-error no number
await Deal.create({ name: 'Engine', value: newcomer.name })
// @ts-expect-error a result that may be missing is not a value
await Deal.create({ name: newcomer.email, value: 1 })
// @ts-expect-error a count is exact or absent
void Contact.find({}, { count: true })
// @ts-expect-error no relation and no field
await Contact.find().map((contact) => contact.dealz)
// @ts-expect-error the stage of a contact
await Contact.find().filter((contact) => contact.stage === 'Negotiation')
// @ts-expect-error left out by `fields`
await Contact.find({}, { fields: ['name'] }).map((contact) => contact.email)
// @ts-expect-error the entity may be missing
await Contact.find().map((contact) => contact.organization.name)
// @ts-expect-error a verb of another Noun
await Contact.win(ada.$id)
// @ts-expect-error only a creating verb needs no id
await Contact.qualify({ leadScore: 3 })
// @ts-expect-error an argument of another verb
await Contact.qualify(ada.$id, { from: 'contact_0123456789AB' })
// @ts-expect-error an Event cannot be updated
await $.Event.update('event_0123456789AB', {})
// @ts-expect-error an Event cannot be deleted
await $.Event.delete('event_0123456789AB')
// @ts-expect-error an entity of another namespace
void $.crm.Invoice
// @ts-expect-error no relation
await Contact.get(ada.$id, { include: ['name'] })
// @ts-expect-error no field
await Contact.find({}, { fields: ['nam'] })
// @ts-expect-error no field to sort by
await Contact.find({}, { sort: '-nam' })
// @ts-expect-error neither a timestamp nor a version
await Contact.rollback(ada.$id, {})
// @ts-expect-error no event of a Deal
$.events.subscribe('Deal.Winn', () => {})
// @ts-expect-error a required field is missing
await Contact.create({})
// @ts-expect-error a relation that was not included is an id
void whole.manager.name

// A function for $.do has its own types, with the given value beside its client.
const counted = await $.do(async ($) => $.Contact.count())
expectType<Equal<typeof counted, number>>()
const richNames = await $.do(
  async ($, { least }) => (await $.Deal.find({ value: { $gte: least } })).map((deal) => deal.name),
  { given: { least: 1_000 }, idempotencyKey: 'again' },
)
expectType<Equal<typeof richNames, string[]>>()
const unknownResult = await $.do('async ($) => $.Contact.count()')
expectType<Equal<typeof unknownResult, unknown>>()
// @ts-expect-error -- a value that was not given
await $.do(async (_, { least }) => least, {})
// @ts-expect-error -- an unknown entity, inside as outside
await $.do(async ($) => $.Contct.count())

// A dry run has what the write would return, and its events.
const tried = await Contact.create({ name: 'Ada' }, { dryRun: true })
expectType<Equal<typeof tried, DryRun<ContactEntity>>>()
expectType<Equal<typeof tried.result, ContactEntity | null>>()
const contactId = 'contact_0123456789AB'
const alsoTried: Promise<DryRun<ContactEntity>>[] = [
  Contact.update(contactId, { name: 'Ada' }, { dryRun: true, ifVersion: 2 }),
  Contact.update({ id: contactId, name: 'Ada' }, { dryRun: true }),
  Contact.qualify(contactId, {}, { dryRun: true }),
  Contact.qualify({ id: contactId }, { dryRun: true }),
  Contact.capture({ name: 'Ada' }, { dryRun: true }),
  Contact.rollback(contactId, { version: 1 }, { dryRun: true }),
]
void alsoTried
const triedDelete = await Contact.delete(contactId, { dryRun: true })
expectType<Equal<typeof triedDelete, DryRun<null>>>()
const executed = await $.plans.execute(tried)
expectType<Equal<typeof executed, ContactEntity>>()
// @ts-expect-error -- a typo
void Contact.create({ name: 'Ada' }, { dryrun: true })

const many = await Contact.createMany([{ name: 'Ada' }], { idempotencyKey: 'many' })
expectType<Equal<typeof many, ManyResult>>()
expectType<Equal<Awaited<ReturnType<typeof Contact.deleteMany>>, ManyResult>>()
const triedMany = await Contact.updateMany({ stage: 'Lead' }, { title: 'CTO' }, { dryRun: true })
expectType<Equal<typeof triedMany, DryRun<ManyResult>>>()
void Contact.updateMany([contactId], { title: null })
// @ts-expect-error -- an unknown field
void Contact.updateMany({ stag: 'Lead' }, { title: 'CTO' })
// @ts-expect-error -- an unknown value
void Contact.updateMany([contactId], { stage: 'Led' })
// @ts-expect-error -- a Noun that cannot be deleted
void $.Event.deleteMany({})

// A batch takes writes, whose pending results its other writes take, and returns what its function returns.
const batched = await $.batch((tx) => {
  const org = tx.Organization.create({ name: 'Acme' })
  const contact = tx.Contact.create({ name: 'Ada', organization: org.$id })
  tx.Contact.qualify(contact.$id, { leadScore: 3 })
  tx.Deal.delete('deal_0123456789AB', { ifVersion: 2 })
  return { contact, all: [org, contact], name: org.name, at: 1 }
})
expectType<Equal<typeof batched.commit, number | null>>()
expectType<Equal<typeof batched.result.contact, ContactEntity>>()
expectType<Equal<typeof batched.result.name, string>>()
expectType<Equal<typeof batched.result.at, number>>()
const one1 = await $.batch((tx) => tx.Contact.create({ name: 'Ada' }))
expectType<Equal<typeof one1.result, ContactEntity>>()
const triedBatch = await $.batch((tx) => tx.Contact.create({ name: 'Ada' }), { dryRun: true })
expectType<Equal<typeof triedBatch, DryRun<Batched<ContactEntity>>>>()
// @ts-expect-error -- an unknown field
void $.batch((tx) => tx.Contact.create({ nam: 'Ada' }))
// @ts-expect-error -- an unknown verb
void $.batch((tx) => tx.Contact.qualfy('contact_0123456789AB'))
// @ts-expect-error -- a batch has no reads
void $.batch((tx) => tx.Contact.find())
// @ts-expect-error -- a verb that its Noun disables
void $.batch((tx) => tx.Event.update('event_0123456789AB', {}))

const commit = await $.commits.get(3)
expectType<Equal<(typeof commit)['commit'], number>>()
expectType<Equal<Awaited<ReturnType<typeof $.commits.list>>, readonly Commit[]>>()
const undone = await $.commits.undo({ actor: 'user_0123456789AB', since: new Date() })
expectType<Equal<typeof undone, UndoingCommit>>()
const triedUndo = await $.commits.undo(3, { dryRun: true })
expectType<Equal<typeof triedUndo, DryRun<UndoingCommit>>>()
// @ts-expect-error -- a range has both ends
void $.commits.undo({ from: 3 })
$.commits.subscribe('Deal.*', ({ events }) => {
  expectType<Equal<(typeof events)[number]['data'], DealEntity>>()
})
// @ts-expect-error -- no event of a Deal
$.commits.subscribe('Deal.Winn', () => {})

// Optional inputs take undefined, under `exactOptionalPropertyTypes` as well.
declare const maybe: undefined
void Headlessly({ tenant: 'acme', endpoint: maybe, timeoutMs: maybe, nouns: maybe })
void Contact.find({}, { limit: maybe, sort: maybe, strong: maybe, asOf: maybe, signal: maybe })
void Contact.create({ name: 'Ada', email: maybe }, { idempotencyKey: maybe })
void Contact.update('contact_0123456789AB', { email: maybe }, { ifVersion: maybe })
void Contact.qualify('contact_0123456789AB', { leadScore: maybe })
void $.events.list({ type: maybe, after: maybe })

// Functions before and after verbs get the entity, a client and what happened; what they return is held to the fields.
const scored = await Contact.qualifying(
  async (contact, $, { previous }) => {
    expectType<Equal<typeof contact.stage, ContactEntity['stage']>>()
    const deals: number = await $.Deal.count({ contact: contact.$id ?? '' })
    return { leadScore: contact.name.length + deals, title: previous?.title ?? null }
  },
  { name: 'score' },
)
expectType<Equal<typeof scored.status, 'Enabled' | 'Disabled'>>()
await scored.remove()
await Contact.qualified(async (contact, $, { event }) => {
  expectType<Equal<typeof contact, ContactEntity>>()
  await $.Ticket.create({ subject: `${event.type} ${contact.name}` })
})
await $.on('Deal.Won', async (event, $) => {
  await $.Ticket.create({ subject: `${event.type} ${event.data.name}` })
})
await $.every('0 9 * * mon', async ($, { scheduledAt }) => {
  await $.Ticket.create({ subject: scheduledAt })
})
// @ts-expect-error -- a value of a field that it does not have
void Contact.qualifying(() => ({ stage: 'Nonsense' }))
// @ts-expect-error -- an unknown form of a verb
void Contact.qualifyin(() => undefined)
// @ts-expect-error -- an unknown event
void $.on('Deal.Wn', () => undefined)
// @ts-expect-error -- the verb of a Noun that cannot be updated
void $.Event.updating(() => undefined)
