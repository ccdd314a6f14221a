// Names of the secrets of webhooks in the tenant's secret store. No other secret counts as one, since those of a webhook are
// removed with it.

export function makeSecretName(random: (count: number) => Uint8Array): string {
  return `webhook-${[...random(12)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

export function isSecretName(name: unknown): name is string {
  return typeof name === 'string' && /^webhook-[0-9a-f]{24}$/.test(name)
}
