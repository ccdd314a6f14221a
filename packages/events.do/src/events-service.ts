// events.do: sends a tenant's events to other systems, and takes those of others.

import { outsideOf, type OutsideBindings, type Service } from '@dotdo/service'
import { isPlainObject } from 'digital-objects'
import { checkIncoming, forgetIncoming } from './incoming/incoming-hooks.ts'
import { IncomingWebhookNoun } from './incoming/incoming-noun.ts'
import { incomingRoutes } from './incoming/incoming-routes.ts'
import { incomingCommands } from './incoming/incoming-commands.ts'
import { IngestQuota } from './ingest/ingest-quota.ts'
import { ingestRoutes } from './ingest/ingest-routes.ts'
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
    about: "Sends a tenant's events to other systems, and records those of other systems and of web pages.",
    nouns: [WebhookNoun.$schema, IncomingWebhookNoun.$schema],
    bindings: ['OUTSIDE_NETWORK'],
    routes: [...webhookRoutes(random), ...incomingRoutes(random), ...ingestRoutes],
    commands: (parts) => {
      const quota = new IngestQuota(parts, now)
      return {
        ...incomingCommands({ parts, now }),
        'ingest.take': (input) => {
          quota.take(Number(isPlainObject(input) ? input['events'] : 0))
          return Promise.resolve(null)
        },
      }
    },
    hooks: (parts, bindings) => {
      const deliveries = new Deliveries({ parts, webhooks: new StoredWebhooks(parts), send: outsideOf(bindings), now })
      return {
        before: [checkWebhook(parts), checkIncoming(parts)],
        after: [webhookVerbs(parts, deliveries), forgetIncoming(parts)],
        changingAfter: [deliveries.handlers],
      }
    },
  }
}
