// Signatures of deliveries by the Standard Webhooks specification. After a rotation, the old secret signs too for a while.

import { Webhook } from 'standardwebhooks'

/** Random bytes of a secret; the specification asks for 24 to 64. */
export const secretBytes = 32
const prefix = 'whsec_'

export function formatSecret(bytes: Uint8Array): string {
  return `${prefix}${btoa(String.fromCharCode(...bytes))}`
}

/** Whether a text is a secret of the specification. */
export function isSecret(text: string): boolean {
  if (!text.startsWith(prefix)) return false
  try {
    const { length } = atob(text.slice(prefix.length))
    return length >= 24 && length <= 64
  } catch {
    return false
  }
}

export async function signedHeaders(signed: {
  /** The same for each attempt. */
  readonly id: string
  readonly body: string
  /** The newest first. */
  readonly secrets: readonly string[]
  readonly nowMs: number
}): Promise<Record<string, string>> {
  const { id, body, secrets, nowMs } = signed
  const at = new Date(Math.floor(nowMs / 1_000) * 1_000)
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(at.getTime() / 1_000),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
    'x-headlessly-delivery': id,
    'x-headlessly-signature': `sha256=${await hexHmac(body, secrets[0] ?? '')}`,
  }
}

/** For receivers that check a plain HMAC-SHA256 of the body, with the text of the secret as key. */
async function hexHmac(body: string, secret: string): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(body)))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
