// The address from which a request was sent. `X-Forwarded-For` counts only if a configured proxy has sent it: everybody else may
// write what they like there.

import type { Env } from './env.ts'

interface Received {
  readonly headers: Headers
  /** Set by workerd: `{"clientIp":"127.0.0.1:50123"}`. */
  readonly cf?: unknown
}

/** Returns an address without its port; empty if it is not known. */
export function senderAddress(request: Received, env: Pick<Env, 'TRUSTED_PROXIES' | 'VERSION'>): string {
  const { headers } = request
  // Cloudflare sets the header, whatever the client sends.
  if (env.VERSION !== undefined) return headers.get('cf-connecting-ip') ?? ''
  const direct = directAddress(request)
  const trusted = new Set((env.TRUSTED_PROXIES ?? '').split(',').map((address) => address.trim()))
  if (direct === '' || !trusted.has(direct)) return direct
  // Each proxy appends the address that it was called from, so the last one that is no proxy is the sender.
  const chain = (headers.get('x-forwarded-for') ?? '').split(',').map((address) => address.trim())
  return chain.findLast((address) => address !== '' && !trusted.has(address)) ?? direct
}

function directAddress({ cf }: Received): string {
  const text = typeof cf === 'object' && cf !== null && 'clientIp' in cf ? String(cf.clientIp) : ''
  return text.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}
