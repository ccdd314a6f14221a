// The content of each entity type: its own, or values of others, about which rules of an entity type cannot decide. A new Noun needs
// an answer here, since a role that hides its source would still show a copy.

import { builtInWith } from 'objects.do'
import { confined, neverWhole } from 'oauth.do'
import { expect, test } from 'vitest'
import { services } from '../base/services.ts'

const answers: Readonly<Record<string, readonly string[]>> = {
  'what people, programs and other systems write in it, and sums and texts of what belongs to it': [
    'User',
    'ApiKey',
    'Organization',
    'Contact',
    'Lead',
    'Deal',
    'Activity',
    'Pipeline',
    'Customer',
    'Product',
    'Plan',
    'Price',
    'Subscription',
    'SubscriptionItem',
    'Invoice',
    'LineItem',
    'Payment',
    'Refund',
    'CreditNote',
    'Dispute',
    'Coupon',
    'TaxRate',
    'Project',
    'Issue',
    'Comment',
    'Content',
    'Asset',
    'Site',
    'Ticket',
    'Event',
    'Form',
    'FeatureFlag',
    'Integration',
    'Message',
  ],
  'what it tells the server to do, and numbers about that work': ['Workflow', 'Function', 'IncomingWebhook', 'Ledger'],
  'progress in numbers, which only the server writes': ['PaymentRun'],
  'movements of a bank, of which its payment is a consequence': ['BankTransaction'],
  'an analysis made with the rights of the caller who stored it for all': [
    'Funnel',
    'Segment',
    'Experiment',
    'Campaign',
  ],
  'numbers over all data, for which only a caller who may read all data sets it up': ['Metric', 'Goal'],
  'copies, which are confined': Object.keys(confined),
}

test('the content of every Noun of every service has one answer', () => {
  const names = builtInWith(services).map(({ name }) => name)
  expect(Object.values(answers).flat().toSorted()).toEqual(names.toSorted())
})

test('every confined field and every source of a copy exists', () => {
  const nouns = new Map(builtInWith(services).map((noun) => [noun.name, noun]))
  for (const [name, { hidden = [], copies = [], service }] of Object.entries(confined)) {
    expect(Object.keys(nouns.get(name)?.fields ?? {})).toEqual(expect.arrayContaining([...hidden]))
    expect(nouns.get(name)?.service).toBe(service)
    for (const source of copies) expect([source, nouns.has(source)]).toEqual([source, true])
  }
  expect(neverWhole).toEqual(['Agent', 'AgentRun', 'WorkflowRun', 'Webhook'])
})
