// IncomingWebhook: an address at which another system posts what happens there. Each of its deliveries becomes an Event, and its
// secret is in the tenant's secret store.

import { makeNoun } from 'digital-objects'

export const IncomingWebhookNoun = makeNoun('IncomingWebhook', {
  fields: {
    name: 'string!',
    scheme: 'Standard | GitHub | Stripe | Slack | Shopify | Hmac | Token',
    status: 'Active | Disabled',
    secretName: 'string?',
    disable: 'Disabled',
    enable: 'Enabled',
  },
  state: 'status',
  transitions: [
    { from: [], verb: 'create', to: 'Active' },
    { from: ['Active'], verb: 'disable', to: 'Disabled' },
    { from: ['Disabled'], verb: 'enable', to: 'Active' },
  ],
  about: 'An address at which another system posts what happens there; each delivery becomes an Event.',
  descriptions: {
    name: 'Name for people, which also begins the type of its events.',
    scheme:
      'Way in which the sender proves itself: Standard for Standard Webhooks, Hmac for sha256=<hex> in X-Signature-256, Token for the secret itself as a bearer token or password.',
    status: 'Whether deliveries are accepted; disable and enable change it.',
    secretName: "Name of the secret in the tenant's secret store.",
    disable: 'Sets status to Disabled; deliveries are refused.',
    enable: 'Sets status to Active.',
  },
})
