// `$.secrets`: what stands for each secret that the function lists. The server puts the secret in its place in requests to the
// hosts that the function lists, so the code never has it.

import type { Client } from '@headlessly/sdk'

export function withSecrets(client: Client, secrets: Readonly<Record<string, string>>): Client {
  const known = new Proxy(secrets, {
    get(target, name): string | undefined {
      if (typeof name === 'symbol') return undefined
      if (Object.hasOwn(target, name)) return target[name]
      throw new Error(`the function lists no secret '${name.slice(0, 64)}': add it to 'secrets' of its definition`)
    },
  })
  return new Proxy(client, {
    get: (target, name, receiver): unknown => (name === 'secrets' ? known : Reflect.get(target, name, receiver)),
  })
}
