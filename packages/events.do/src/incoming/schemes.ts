// The schemes by which other systems sign what they send, as data. All of them but the token are an HMAC-SHA256 of a text that
// ends with the body.

export interface Scheme {
  /** The header of the signature. */
  readonly header: string
  /** Separates several signatures or parts of a header, if there may be some. */
  readonly separator?: ',' | ' '
  /** Begins each signature of this scheme in the header. */
  readonly prefix: string
  readonly encoding: 'hex' | 'base64'
  /** The signed text before the body: `{t}` is the timestamp, `{id}` the delivery. */
  readonly signed: string
  /** The place of the timestamp in seconds: a header, or a part of the header of the signature. */
  readonly timestamp?: { readonly header: string } | { readonly part: string }
  /** The header of the delivery's id, if it is signed too. */
  readonly id?: string
  /** The header of the sender's name of a delivery, which is the same when it is sent again. It is not signed. */
  readonly delivery?: string
  /** The kind of what has happened: a header, or a field of the body. */
  readonly type?: { readonly header: string } | { readonly field: string }
  /** The field of the body that names what has happened, of a sender that signs each repetition by another timestamp. */
  readonly once?: string
  /** How the secret becomes a key: as a text, or by base64 after `whsec_`. */
  readonly key: 'text' | 'base64'
}

export const schemes = {
  Standard: {
    header: 'webhook-signature',
    separator: ' ',
    prefix: 'v1,',
    encoding: 'base64',
    signed: '{id}.{t}.',
    timestamp: { header: 'webhook-timestamp' },
    id: 'webhook-id',
    type: { field: 'type' },
    key: 'base64',
  },
  GitHub: {
    header: 'x-hub-signature-256',
    prefix: 'sha256=',
    encoding: 'hex',
    signed: '',
    delivery: 'x-github-delivery',
    type: { header: 'x-github-event' },
    key: 'text',
  },
  Stripe: {
    header: 'stripe-signature',
    separator: ',',
    prefix: 'v1=',
    encoding: 'hex',
    signed: '{t}.',
    timestamp: { part: 't=' },
    type: { field: 'type' },
    once: 'id',
    key: 'text',
  },
  Slack: {
    header: 'x-slack-signature',
    prefix: 'v0=',
    encoding: 'hex',
    signed: 'v0:{t}:',
    timestamp: { header: 'x-slack-request-timestamp' },
    type: { field: 'type' },
    once: 'event_id',
    key: 'text',
  },
  Shopify: {
    header: 'x-shopify-hmac-sha256',
    prefix: '',
    encoding: 'base64',
    signed: '',
    delivery: 'x-shopify-webhook-id',
    type: { header: 'x-shopify-topic' },
    key: 'text',
  },
  Hmac: {
    header: 'x-signature-256',
    prefix: 'sha256=',
    encoding: 'hex',
    signed: '',
    type: { field: 'type' },
    key: 'text',
  },
} as const satisfies Readonly<Record<string, Scheme>>

/** The scheme without a signature: the header has the secret itself, so only TLS protects it. */
export const tokenScheme = { header: 'authorization', prefix: 'Bearer ', type: { field: 'type' } } as const

export type SchemeName = keyof typeof schemes | 'Token'

/** The headers that any scheme reads. */
export const schemeHeaders: readonly string[] = [
  ...new Set([
    tokenScheme.header,
    ...Object.values<Scheme>(schemes).flatMap(({ header, timestamp, id, delivery, type }) => [
      header,
      ...(timestamp !== undefined && 'header' in timestamp ? [timestamp.header] : []),
      ...(id === undefined ? [] : [id]),
      ...(delivery === undefined ? [] : [delivery]),
      ...(type !== undefined && 'header' in type ? [type.header] : []),
    ]),
  ]),
]
