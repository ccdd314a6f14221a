// mail.do: sends the messages of a tenant by its mail server, and writes those by which the server reminds people. Whatever is
// mailed is a `Message`.

import type { ObjectParts, Service } from '@dotdo/service'
import { bounceRoutes } from './bounce-routes.ts'
import { handleMessage, hasToBeSent, markFailed } from './handle-message.ts'
import type { MailFetch } from './send-by-api.ts'
import { remind } from './reminders.ts'

/** Retries for six hours. After that the message has failed, and its row in the outbox is parked. */
const retry = { firstMs: 2_000, factor: 4, maxMs: 3_600_000, attemptsMax: 12 } as const

/** `fetch` reaches the HTTP APIs of providers. It must reach public hosts only, since members choose them. */
export function mailService({ fetch }: { readonly fetch: MailFetch }): Service {
  return {
    name: 'mail.do',
    about: 'Sends messages and reminders by mail.',
    connections: ['mail'],
    isConnected: (_connection, parts) => parts.settings().mail !== null,
    routes: bounceRoutes,
    hooks: (parts: ObjectParts) => ({
      after: [
        {
          id: 'mail.do/send',
          handles: ({ type }) => type === 'Message.Sent' || type === 'Message.Created',
          isExternal: hasToBeSent,
          retry,
          run: (event) => handleMessage(parts, event, fetch),
          gaveUp: (event, reason) => markFailed(parts, event, reason),
        },
        {
          id: 'mail.do/remind',
          handles: ({ type }) => type === 'Activity.Reminded' || type === 'Invoice.Overdue',
          run: (event) => remind(parts, event),
        },
      ],
    }),
  }
}
