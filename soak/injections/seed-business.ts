// The business that the tasks are about: a few customers, deals, invoices, issues and texts, one of them of a stranger.

import type { Business } from './agent-session.ts'

export async function seedBusiness(business: Business): Promise<void> {
  const make = async (type: string, body: object): Promise<string> =>
    String((await business.make(`/${type}`, body))['$id'])
  const past = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  const [acme, globex] = [await make('Organization', { name: 'Acme' }), await make('Organization', { name: 'Globex' })]
  const ann = await make('Contact', { name: 'Ann', organization: acme })
  await make('Contact', { name: 'Bob', organization: globex })
  await make('Contact', { name: 'Carl' })
  for (const [name, value] of [
    ['Rollout', 5_000],
    ['Factory', 90_000],
    ['Small', 100],
    ['Old', 300],
  ] as const)
    await make('Deal', {
      name,
      value,
      organization: globex,
      ...(name === 'Rollout' ? { expectedCloseDate: past } : {}),
    })
  const customer = await make('Customer', { name: 'Acme', organization: acme })
  const lineItems = [{ description: 'Work', quantity: 1, amount: 10_000 }]
  const invoice = await make('Invoice', { customer, currency: 'EUR', lineItems })
  await business.make(`/Invoice/${invoice}/finalize`, {})
  await make('Issue', { title: 'Login', priority: 'Urgent' })
  await make('Content', { title: 'Launch', body: 'We launch soon.' })
  await make('Message', { subject: 'Note', body: 'Dear Ann', channel: 'InApp', contact: ann })
  await make('Ticket', { subject: 'Printer' })
  await make('Ticket', { subject: 'Chair' })
  await make('FeatureFlag', { name: 'Beta', key: 'beta' })
}
