// The sample company on its first day: its people, offer, pipeline and projects.

import type { DemoAct } from './demo-act.ts'

const currency = 'EUR'

const first = (write: DemoAct['write'], body: DemoAct['body'], as?: string): DemoAct => ({
  day: 0,
  write,
  ...(body === undefined ? {} : { body }),
  ...(as === undefined ? {} : { as }),
})

const people: readonly DemoAct[] = [
  first('User.create', { name: 'Mara Lindqvist', email: 'mara@tidewater.example', role: 'Owner' }, 'mara'),
  first('User.create', { name: 'Jonas Weber', email: 'jonas@tidewater.example', role: 'Member' }, 'sales'),
  first('User.create', { name: 'Priya Nair', email: 'priya@tidewater.example', role: 'Member' }, 'support'),
]

const offer: readonly DemoAct[] = [
  first(
    'Product.create',
    { name: 'Tidewater', tagline: 'Berths, bookings and bills', type: 'Software', status: 'Active' },
    'product',
  ),
  first('Plan.create', { name: 'Harbour', slug: 'harbour', status: 'Active', product: '@product' }, 'harbour'),
  first(
    'Plan.create',
    { name: 'Marina', slug: 'marina', status: 'Active', product: '@product', trialDays: 14 },
    'marina',
  ),
  first(
    'Price.create',
    { name: 'Harbour, monthly', amount: 4_900, interval: 'Monthly', currency, plan: '@harbour' },
    'harbour-monthly',
  ),
  first(
    'Price.create',
    { name: 'Marina, monthly', amount: 14_900, interval: 'Monthly', currency, plan: '@marina' },
    'marina-monthly',
  ),
  first(
    'Price.create',
    { name: 'Marina, yearly', amount: 149_000, interval: 'Yearly', currency, plan: '@marina' },
    'marina-yearly',
  ),
  first('Price.create', { name: 'Web cameras', amount: 1_900, interval: 'Monthly', currency }, 'cameras'),
  first('TaxRate.create', { displayName: 'VAT', percentage: 19, country: 'DE', taxType: 'vat' }, 'vat'),
  first(
    'Coupon.create',
    { name: 'Boat show', code: 'BOATSHOW', percentOff: 20, duration: 'Repeating', durationInMonths: 3 },
    'boat-show',
  ),
  first('Coupon.create', { name: 'Partner', code: 'PARTNER', percentOff: 10 }, 'partner'),
  first(
    'Coupon.create',
    { name: 'Welcome', code: 'WELCOME', amountOff: 10_000, currency, duration: 'Once', maxRedemptions: 50 },
    'welcome',
  ),
]

const stages = [
  { name: 'Prospecting', probability: 10, order: 1 },
  { name: 'Qualification', probability: 30, order: 2 },
  { name: 'Proposal', probability: 50, order: 3 },
  { name: 'Negotiation', probability: 80, order: 4 },
]

const work: readonly DemoAct[] = [
  first('Pipeline.create', { name: 'Sales', isDefault: true, dealRotting: 30, stages }, 'pipeline'),
  first('Site.create', { name: 'Tidewater', subdomain: 'tidewater', title: 'Tidewater', status: 'Published' }, 'site'),
  first('Asset.create', {
    name: 'Logo',
    filename: 'logo.svg',
    url: 'https://tidewater.example/logo.svg',
    mimeType: 'image/svg+xml',
    size: 2_048,
    type: 'Image',
    uploadedBy: '@mara',
  }),
  first(
    'Form.create',
    { name: 'Book a demo', fields: ['name', { name: 'email', type: 'email', required: true }], autoCapture: 'Lead' },
    'form',
  ),
  { day: 0, write: 'Form.publish', target: '@form' },
  first('Funnel.create', { name: 'Orders', steps: ['Visit', 'Price', 'Order'] }, 'funnel'),
  first('FeatureFlag.create', { key: 'tide-tables', name: 'Tide tables', status: 'Enabled', rolloutPercentage: 25 }),
  first(
    'Segment.create',
    { name: 'Customers', criteria: { type: 'Contact', filter: { stage: 'Customer' } } },
    'segment',
  ),
  first('Goal.create', { name: '€ 6,000 a month', target: 6_000, unit: 'EUR', metricName: 'mrr', period: 'Monthly' }),
  first('Goal.create', { name: '€ 100,000 a year', target: 100_000, unit: 'EUR', metricName: 'arr', period: 'Yearly' }),
  first('Workflow.create', { name: 'Thank for a won deal', triggerEvent: 'Deal.Won', steps: [{ type: 'log' }] }),
  first('Integration.create', { name: 'Stripe', provider: 'stripe', category: 'Payment' }),
  first('Project.create', { name: 'Mobile app', owner: '@mara', startDate: '2026-01-01' }, 'project'),
]

const articles: readonly DemoAct[] = [
  ['post', 'Five ways to fill empty berths', 'Post', 'Most harbours have berths that stand empty on weekdays.', 3],
  [
    'guide-1',
    'Your first season with Tidewater',
    'Guide',
    'Begin with the berths, then the prices, then the guests.',
    5,
  ],
  [
    'guide-2',
    'Tourist tax without a spreadsheet',
    'Guide',
    'The report of nights by guest has what towns ask for.',
    60,
  ],
  ['post-2', 'Cameras that count free berths', 'Post', 'Two cameras are enough for a pontoon of forty berths.', 140],
].flatMap(([as, title, type, body, day]): readonly DemoAct[] => [
  {
    day: Number(day),
    write: 'Content.create',
    body: { title, type, body, site: '@site', author: type === 'Guide' ? '@support' : '@mara' },
    as: String(as),
  },
  { day: Number(day), write: 'Content.publish', target: `@${as}` },
])

const issues: readonly DemoAct[] = [
  ['Offline bookings', 'Feature', 'High'],
  ['Login fails after an update', 'Bug', 'Urgent'],
  ['Tide tables for the Baltic', 'Feature', 'Medium'],
  ['Translate into Danish', 'Task', 'Low'],
  ['Push notices for bookings', 'Feature', 'Medium'],
  ['Crash on old tablets', 'Bug', 'High'],
].flatMap(([title, type, priority], at): readonly DemoAct[] => [
  {
    day: 10 + at * 25,
    write: 'Issue.create',
    body: { title, type, priority, project: '@project', reporter: '@mara' },
    as: `issue-${at}`,
  },
  {
    day: 12 + at * 25,
    write: 'Comment.create',
    body: { body: 'I can look at it this week.', issue: `@issue-${at}`, author: '@support' },
  },
  { day: 14 + at * 25, write: 'Issue.assign', target: `@issue-${at}`, body: { assignee: '@support' } },
  ...(at < 4 ? [{ day: 30 + at * 25, write: 'Issue.complete', target: `@issue-${at}` } as const] : []),
])

/** In the order of their names: an act comes after those that it names. */
export const demoOffer: readonly DemoAct[] = [...people, ...offer, ...work, ...articles, ...issues]
