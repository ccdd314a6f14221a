// Routes of payments. Each asks the part of the service in the tenant's object, which alone can use the key.

import type { ServiceAnswer, ServiceRequest, ServiceRoute } from '@dotdo/service'

type Answering = ServiceRoute['answer']

const ask =
  (route: string, read: (request: ServiceRequest) => Promise<string>): Answering =>
  async (request): Promise<ServiceAnswer> => {
    const signature = request.header('stripe-signature')
    const body = await read(request)
    const answer = await request.command('ask', { route, body, ...(signature === undefined ? {} : { signature }) })
    return { ok: true, body: answer === null ? '' : JSON.stringify(answer) }
  }

const asked = (route: string): Answering => ask(route, (request) => request.body())
const unasked = (route: string): Answering => ask(route, () => Promise.resolve(''))

const eventBytesMax = 2 ** 20

export const paymentRoutes: readonly ServiceRoute[] = [
  {
    path: '/payments/connect',
    method: 'POST',
    about: 'Connects the tenant to Stripe: { key, webhookSecret, sync }, and begins the first synchronization.',
    answer: asked('POST /payments/connect'),
  },
  {
    path: '/payments/disconnect',
    method: 'POST',
    about: 'Ends the connection and removes its keys; entities stay.',
    answer: asked('POST /payments/disconnect'),
  },
  {
    path: '/payments/status',
    method: 'GET',
    about: 'Says how the connection is: what waits, what runs, and what a person has to decide.',
    answer: unasked('GET /payments/status'),
  },
  {
    path: '/payments/status',
    method: 'POST',
    about: 'The same, for clients that send every command by POST.',
    answer: asked('POST /payments/status'),
  },
  {
    path: '/payments/sync',
    method: 'POST',
    about:
      'Brings all objects of Stripe: { kind }, which is Sync, Rehearsal (it only counts) or Gaps (only missed events).',
    answer: asked('POST /payments/sync'),
  },
  {
    path: '/payments/reconcile',
    method: 'POST',
    about: 'Compares both sides at the end of a day, or now: { day }.',
    answer: asked('POST /payments/reconcile'),
  },
  {
    path: '/payments/checkout',
    method: 'POST',
    about: 'Makes a link to a page of Stripe on which a price is bought.',
    answer: asked('POST /payments/checkout'),
  },
  {
    path: '/payments/portal',
    method: 'POST',
    about: 'Makes a link to a page of Stripe on which a customer manages subscriptions and cards.',
    answer: asked('POST /payments/portal'),
  },
  {
    path: '/payments/stripe/webhook',
    method: 'POST',
    about: 'Takes the events that Stripe signs and sends.',
    // A signature of the body proves it, which the command checks.
    isOpen: () => true,
    answer: ask('POST /payments/stripe/webhook', async (request) =>
      new TextDecoder().decode(await request.rawBody(eventBytesMax)),
    ),
  },
]
