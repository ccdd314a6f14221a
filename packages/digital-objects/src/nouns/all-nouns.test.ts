import { expect, test } from 'vitest'
import type { NounSchema, StoredField } from '../noun/schema.ts'
import type { EffectValue } from '../noun/verb-effect.ts'
import { checkDefinition } from '../noun/check-definition.ts'
import { domains, nouns } from './all-nouns.ts'

const schemas: readonly NounSchema[] = Object.values(nouns).map((noun) => noun.$schema)
const storedOf = (schema: NounSchema) =>
  Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')

test('there are 35 Nouns, each frozen and exported under its own name', () => {
  expect(schemas).toHaveLength(35)
  for (const [name, noun] of Object.entries(nouns)) {
    expect(noun.$name).toBe(name)
    expect(noun.$schema.idPrefix).toBe(name.toLowerCase())
    expect(Object.isFrozen(noun.$schema.fields)).toBe(true)
  }
  expect(Object.isFrozen(nouns)).toBe(true)
})

test('11 domains contain each Noun once', () => {
  expect(Object.fromEntries(Object.entries(domains).map(([name, members]) => [name, members.length]))).toEqual({
    identity: 2,
    crm: 6,
    billing: 7,
    projects: 3,
    content: 3,
    support: 1,
    analytics: 4,
    marketing: 3,
    experiments: 2,
    platform: 3,
    communication: 1,
  })
  expect(Object.values(domains).flat()).toEqual(Object.keys(nouns))
})

// The documented verbs of each, and those that guides rely on besides.
const verbCounts: Readonly<Record<string, readonly [documented: number, besides: readonly string[]]>> = {
  User: [3, []],
  ApiKey: [1, ['expire']],
  Organization: [2, []],
  Contact: [5, []],
  Lead: [2, []],
  Deal: [5, ['rot']],
  Activity: [3, ['remind']],
  Pipeline: [0, []],
  Customer: [0, []],
  Product: [0, []],
  Plan: [0, []],
  Price: [0, []],
  Subscription: [7, ['markPastDue', 'markUnpaid', 'itemize']],
  Invoice: [
    3,
    ['markUncollectible', 'credit', 'lapse', 'failPayment', 'retry', 'itemize', 'countRefund', 'countRefundedCredit'],
  ],
  Payment: [2, ['fail', 'takeBack']],
  Project: [3, []],
  Issue: [3, ['complete']],
  Comment: [1, []],
  Content: [3, ['unpublish']],
  Asset: [1, []],
  Site: [0, []],
  Ticket: [5, ['breach']],
  Event: [0, []],
  Metric: [3, ['cross', 'settle']],
  Funnel: [2, []],
  Goal: [4, ['check']],
  Campaign: [3, ['measure']],
  Segment: [1, ['archive']],
  Form: [3, []],
  Experiment: [4, ['analyze']],
  FeatureFlag: [3, []],
  Workflow: [4, []],
  Integration: [3, []],
  Agent: [14, []],
  Message: [3, []],
}

test('there are 96 documented verbs, and others', () => {
  const counts = Object.values(verbCounts)
  expect(counts.reduce((total, [documented]) => total + documented, 0)).toBe(96)
})

test.each(schemas.map((schema) => [schema.name, schema] as const))('%s has its number of verbs', (name, schema) => {
  const [documented, besides] = verbCounts[name] ?? [0, []]
  const custom = Object.values(schema.verbs)
    .filter((verb) => verb.category === 'custom')
    .map((verb) => verb.name)
  expect(custom).toHaveLength(documented + besides.length)
  expect(custom).toEqual(expect.arrayContaining([...besides]))
})

test('only Event is append-only', () => {
  expect(
    schemas.filter((schema) => schema.disabled.length > 0).map((schema) => [schema.name, schema.disabled]),
  ).toEqual([['Event', ['update', 'delete']]])
})

// Fields that `create` requires. All others are optional, have a default, or are set by the server.
const required: Readonly<Record<string, readonly string[]>> = {
  User: ['name', 'email'],
  ApiKey: ['name'],
  Organization: ['name'],
  Contact: ['name'],
  Lead: ['name', 'source'],
  Deal: ['name', 'value'],
  Activity: ['subject'],
  Pipeline: ['name'],
  Customer: [],
  Product: ['name'],
  Plan: ['name'],
  Price: ['amount'],
  Subscription: ['customer'],
  Invoice: ['subtotal', 'total', 'amountDue'],
  Payment: ['amount'],
  Project: ['name'],
  Issue: ['title'],
  Comment: ['body'],
  Content: ['title'],
  Asset: ['name', 'filename', 'url', 'mimeType', 'size'],
  Site: ['name'],
  Ticket: ['subject'],
  Event: [],
  Metric: ['name'],
  Funnel: ['name'],
  Goal: ['name', 'target'],
  Campaign: ['name'],
  Segment: ['name'],
  Form: ['name'],
  Experiment: ['name'],
  FeatureFlag: ['key'],
  Workflow: ['name'],
  Integration: ['provider'],
  Agent: ['name'],
  Message: ['body'],
}

const unique: Readonly<Record<string, readonly string[]>> = {
  User: ['email'],
  ApiKey: ['keyPrefix'],
  Organization: ['slug', 'domain'],
  Contact: ['email'],
  Deal: ['externalId'],
  Pipeline: ['slug'],
  Customer: ['stripeCustomerId', 'contact'],
  Product: ['slug', 'stripeProductId'],
  Plan: ['slug'],
  Price: ['stripeId'],
  Subscription: ['stripeSubscriptionId'],
  Invoice: ['number', 'stripeInvoiceId'],
  Payment: ['stripePaymentId'],
  Project: ['slug'],
  Content: ['slug'],
  Site: ['subdomain'],
  Campaign: ['slug'],
  Experiment: ['slug'],
  FeatureFlag: ['key'],
  Integration: ['slug'],
  Agent: ['slug'],
}

test.each(schemas.map((schema) => [schema.name, schema] as const))(
  'the required and unique fields of %s are the documented ones',
  (name, schema) => {
    expect(
      storedOf(schema)
        .filter((field) => field.required)
        .map((field) => field.name),
    ).toEqual(required[name])
    expect(
      storedOf(schema)
        .filter((field) => field.unique)
        .map((field) => field.name),
    ).toEqual(unique[name] ?? [])
    expect(schema.fields['metadata']).toMatchObject({ kind: 'data', type: 'json', required: false })
  },
)

const states: Readonly<Record<string, string>> = {
  'User.status': 'Active Suspended Invited',
  'ApiKey.status': 'Active Revoked Expired',
  'Organization.status': 'Active Inactive Churned Archived',
  'Contact.stage': 'Lead Qualified Customer Churned Partner',
  'Contact.status': 'Active Inactive Bounced Unsubscribed',
  'Lead.status': 'New Contacted Qualified Converted Lost',
  'Deal.stage': 'Prospecting Qualification Proposal Negotiation Closed Won Lost',
  'Activity.status': 'Pending InProgress Completed Cancelled',
  'Product.status': 'Draft Active Archived',
  'Plan.status': 'Draft Active Grandfathered Archived',
  'Subscription.status': 'Active PastDue Unpaid Cancelled Trialing Paused Incomplete Reactivated Upgraded Downgraded',
  'Invoice.status': 'Draft Open Paid Voided Uncollectible',
  'Payment.status': 'Pending Succeeded Failed Refunded',
  'Project.status': 'Active Archived Completed',
  'Issue.status': 'Open Assigned InProgress Review Done Closed Reopened',
  'Content.status': 'Draft Published Scheduled Archived',
  'Site.status': 'Draft Published Maintenance',
  'Ticket.status': 'Open Pending InProgress Resolved Escalated Closed Reopened',
  'Funnel.status': 'Draft Activated',
  'Goal.status': 'OnTrack AtRisk Behind Achieved Completed Missed Reset',
  'Campaign.status': 'Draft Scheduled Active Launched Paused Completed Cancelled',
  'Segment.status': 'Active Archived',
  'Form.status': 'Draft Active Published Archived',
  'Experiment.status': 'Draft Started Running Paused Concluded Completed Archived Stopped',
  'FeatureFlag.status': 'Draft Active Enabled Disabled Paused RolledOut Archived',
  'Workflow.status': 'Draft Active Activated Paused Triggered Archived',
  'Integration.status': 'Available Connected Disconnected Synced ComingSoon Deprecated Errored',
  'Agent.status': 'Draft Active Deployed Paused Stopped Retired Archived',
  'Message.status': 'Draft Sent Delivered Read Failed',
}

test('states have the documented values in order, default to the first one and are indexed', () => {
  const found = schemas.flatMap((schema) =>
    storedOf(schema).flatMap((field) =>
      field.kind === 'enum' && (field.name === 'stage' || field.name === 'status')
        ? [{ key: `${schema.name}.${field.name}`, field }]
        : [],
    ),
  )
  expect(Object.fromEntries(found.map(({ key, field }) => [key, field.values.join(' ')]))).toEqual(states)
  // If a Noun has both, lists are filtered by `stage`.
  const hasStage = (key: string): boolean => found.some((other) => other.key === `${key.split('.')[0]}.stage`)
  for (const { key, field } of found) {
    expect(field).toMatchObject({ default: field.values[0], indexed: field.name === 'stage' || !hasStage(key) })
  }
})

test('effects name only existing fields and enum values, and clear no required field', () => {
  for (const schema of schemas) {
    for (const verb of Object.values(schema.verbs)) {
      const { sets, from, argumentAliases = {}, argumentsOnly = [] } = verb.effect
      const place = `${schema.name}.${verb.name}`
      for (const [name, effect] of Object.entries(sets))
        checkEffect({ schema, place, field: storedField(schema, place, name), effect, argumentsOnly })
      for (const name of Object.values(argumentAliases)) storedField(schema, place, name)
      if (from !== undefined) {
        const state = storedField(schema, place, from.field)
        expect(state.kind === 'enum' ? state.values : [], place).toEqual(expect.arrayContaining([...from.values]))
      }
    }
  }
})

function storedField(schema: NounSchema, place: string, name: string): StoredField {
  const field = schema.fields[name]
  if (field === undefined || field.kind === 'reverse')
    throw new Error(`${place} names ${name}, which ${schema.name} does not store`)
  return field
}

const numbers = ['number', 'integer', 'money']

function checkEffect(options: {
  schema: NounSchema
  place: string
  field: StoredField
  effect: EffectValue
  argumentsOnly: readonly string[]
}): void {
  const { schema, place, field, effect, argumentsOnly } = options
  const isType = (...types: readonly string[]) =>
    expect(types, place).toContain(field.kind === 'data' ? field.type : field.kind)
  const isLegal = (value: unknown) => {
    if (field.kind === 'enum') expect(field.values, place).toContain(value)
    else isType(...(typeof value === 'number' ? numbers : [typeof value]))
  }
  switch (effect.kind) {
    case 'literal':
      return isLegal(effect.value)
    case 'now':
    case 'periodAfter':
      return isType('datetime')
    case 'today':
      return isType('date')
    case 'add':
      return isType(...numbers)
    case 'arguments':
      return isType('json')
    case 'clear':
      return expect(field.required, place).toBe(false)
    case 'argument':
      if (!argumentsOnly.includes(effect.name)) storedField(schema, place, effect.name)
      return
    case 'field':
      storedField(schema, place, effect.name)
      return
    case 'next':
      return effect.values.forEach(isLegal)
    case 'first':
      return effect.of.forEach((each) => checkEffect({ ...options, effect: each }))
    case 'sum':
      isType(...numbers)
      return effect.of.forEach((each) => checkEffect({ ...options, effect: each }))
    case 'append':
      isType('json')
      return checkEffect({ ...options, effect: effect.value })
    case 'ifEmpty':
      return checkEffect({ ...options, effect: effect.value })
    case 'when': {
      const compared = storedField(schema, place, effect.field)
      if (compared.kind === 'enum') expect(compared.values, place).toContain(effect.equals)
      checkEffect({ ...options, effect: effect.then })
      return checkEffect({ ...options, effect: effect.otherwise })
    }
  }
}

test('a hard guard stands only where no table of transitions is yet', () => {
  const hard = schemas.flatMap((schema) =>
    Object.values(schema.verbs).flatMap((verb) =>
      verb.effect.from?.hard === true ? [`${schema.name}.${verb.name}`] : [],
    ),
  )
  expect(hard.sort()).toEqual([])
})

test('fields of states are times and reasons of the Noun, and their effects are legal', () => {
  for (const schema of schemas) {
    checkDefinition(schema)
    for (const [state, { sets, holds }] of Object.entries(schema.states)) {
      const place = `${schema.name} ${state}`
      for (const [name, effect] of Object.entries(sets))
        checkEffect({ schema, place, field: storedField(schema, place, name), effect, argumentsOnly: [] })
      for (const name of holds) expect(storedField(schema, place, name).required, `${place} ${name}`).toBe(false)
    }
  }
})

test('exactly the documented verbs can create an entity', () => {
  const creating = schemas.flatMap((schema) =>
    Object.values(schema.verbs).flatMap((verb) =>
      verb.effect.creates === true ? [`${schema.name}.${verb.name}`] : [],
    ),
  )
  expect(creating.sort()).toEqual([
    'Activity.log',
    'Contact.capture',
    'Integration.connect',
    'Invoice.finalize',
    'Payment.capture',
    'User.invite',
  ])
})

test('no field contains a secret', () => {
  const secret = /secret|password|credential|hash|apiKey$|^config$/i
  expect(
    schemas.flatMap((schema) =>
      storedOf(schema)
        // The hash of a file's bytes proves nothing.
        .filter((field) => secret.test(field.name) && !(schema.name === 'Asset' && field.name === 'hash'))
        .map((field) => `${schema.name}.${field.name}`),
    ),
  ).toEqual([])
})
