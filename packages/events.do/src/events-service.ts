// events.do: sends a tenant's events to other systems.

import { outsideOf, type OutsideBindings, type Service } from '@dotdo/service'
import { checkWebhook } from './webhooks/check-webhook.ts'
import { Deliveries } from './webhooks/deliver.ts'
import { StoredWebhooks } from './webhooks/stored-webhooks.ts'
import { WebhookNoun } from './webhooks/webhook-noun.ts'
import { webhookRoutes } from './webhooks/webhook-routes.ts'
import { webhookVerbs } from './webhooks/webhook-verbs.ts'

export type EventsBindings = OutsideBindings

export interface EventsOptions {
  readonly random: (count: number) => Uint8Array
  /** The server's clock. */
  readonly now: () => number
}

export function eventsService({ random, now }: EventsOptions): Service<EventsBindings> {
  return {
    name: 'events.do',
    about: "Sends a tenant's events to other systems.",
    nouns: [WebhookNoun.$schema],
    bindings: ['OUTSIDE_NETWORK'],
    routes: webhookRoutes(random),
    hooks: (parts, bindings) => {
      const deliveries = new Deliveries({ parts, webhooks: new StoredWebhooks(parts), send: outsideOf(bindings), now })
      return {
        before: [checkWebhook(parts)],
        after: [webhookVerbs(parts, deliveries)],
        changingAfter: [deliveries.handlers],
      }
    },
  }
}
