// Names of the secrets of incoming webhooks in the tenant's secret store. No other secret counts as one, since those of a webhook
// are removed with it.

export function makeIncomingSecretName(random: (count: number) => Uint8Array): string {
  return `incoming-${[...random(12)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

export function isIncomingSecret(name: unknown): name is string {
  return typeof name === 'string' && /^incoming-[0-9a-f]{24}$/.test(name)
}
