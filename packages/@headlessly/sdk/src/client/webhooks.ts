// `$.webhooks`: addresses of other systems to which the tenant's events are sent.

import type { CallOptions } from '../calls/call-options.ts'
import { makeKey } from '../calls/make-key.ts'
import type { Session } from '../calls/session.ts'
import { checked } from './approvals.ts'

export interface WebhookInput {
  readonly url: string
  /** Patterns: `Contact.created`, `Deal.*`, `*`. */
  readonly events: readonly string[]
  readonly name?: string | undefined
  /** A filter that the entity after the event has to match. */
  readonly filter?: object | undefined
  /** With `S3`, each event is an object in the bucket below `url`, and `secret` is the bucket's key. */
  readonly kind?: 'Standard' | 'Slack' | 'Kafka' | 'S3' | undefined
  /** For `S3`, the id and the secret of the key, as `id:secret`; else `whsec_…`, in place of a new one. */
  readonly secret?: string | undefined
}

export interface StoredWebhook extends Omit<WebhookInput, 'secret'> {
  readonly $id: string
  readonly status: 'Active' | 'Failing' | 'Disabled'
  /** Why it fails or was disabled. */
  readonly reason?: string
}

/** An attempt to deliver an event. */
export interface WebhookDelivery {
  readonly event: string
  readonly type: string
  readonly timestamp: string
  readonly durationMs: number
  readonly status: 'delivered' | 'failed'
  /** The status of the answer; absent if there was none. */
  readonly responseStatus?: number
  readonly error?: string
}

export interface Webhooks {
  /** The newest 100. */
  list(options?: CallOptions): Promise<readonly StoredWebhook[]>
  /** Sets up a webhook. No other answer has its secret. */
  create(input: WebhookInput, options?: CallOptions): Promise<StoredWebhook & { readonly secret: string }>
  /** Makes a new secret; for a day, deliveries have the signatures of both. */
  rotate(id: string, options?: CallOptions): Promise<{ readonly secret: string }>
  remove(id: string, options?: CallOptions): Promise<void>
  /** Sends nothing more until `enable`. Events that wait are kept. */
  disable(id: string, options?: CallOptions): Promise<void>
  /** Sends again, first what has waited. */
  enable(id: string, options?: CallOptions): Promise<void>
  /** The attempts of the last 7 days, at most 200, oldest first. */
  deliveries(id: string, options?: CallOptions): Promise<readonly WebhookDelivery[]>
  /** Sends one event again, by its id. */
  redeliver(id: string, event: string, options?: CallOptions): Promise<void>
  /** Sends the events of a range of `seq` again, at most 10,000. */
  replay(id: string, range: { readonly from: number; readonly through: number }, options?: CallOptions): Promise<void>
}

interface ReadCall {
  readonly read: string
  readonly noun?: string
  readonly id?: string
  readonly parameters: Readonly<Record<string, string>>
}

export function makeWebhooks(session: () => Session): Webhooks {
  const post = async (path: string, body: object, { signal }: CallOptions): Promise<unknown> =>
    (await session().command({ path, body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) })).body
  const pathOf = (id: string, ...more: readonly string[]): string =>
    ['webhooks', id, ...more].map(encodeURIComponent).join('/')
  const read = async (call: ReadCall, { signal }: CallOptions): Promise<readonly unknown[]> => {
    const { body } = await session().send({ kind: 'read', ...call }, signal)
    return (checked(body, 'results') as { readonly results: readonly unknown[] }).results
  }
  const write = async (verb: string, id: string, { signal }: CallOptions): Promise<void> => {
    const call = { kind: 'write', noun: 'Webhook', verb, id, body: '', idempotencyKey: makeKey() } as const
    await session().send(call, signal)
  }
  return Object.freeze<Webhooks>({
    list: async (options = {}) => {
      const parameters = { limit: '100', strong: 'true' }
      return (await read({ read: 'find', noun: 'Webhook', parameters }, options)) as readonly StoredWebhook[] // the server's own
    },
    create: async (input, options = {}) =>
      checked(await post('webhooks', input, options), 'secret') as StoredWebhook & { readonly secret: string },
    rotate: async (id, options = {}) =>
      checked(await post(pathOf(id, 'secret'), {}, options), 'secret') as { readonly secret: string },
    remove: (id, options = {}) => write('delete', id, options),
    disable: (id, options = {}) => write('disable', id, options),
    enable: (id, options = {}) => write('enable', id, options),
    deliveries: async (id, options = {}) => {
      const call = { read: 'webhooks.deliveries', id, parameters: { limit: '200' } }
      return (await read(call, options)) as readonly WebhookDelivery[] // the server's own
    },
    redeliver: async (id, event, options = {}) => {
      await post(pathOf(id, 'deliveries', event, 'redeliver'), {}, options)
    },
    replay: async (id, range, options = {}) => {
      await post(pathOf(id, 'replay'), range, options)
    },
  })
}
