// A proxy between a client and its server. It forwards bytes until a test tells it to stall or cut connections.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Proxy {
  readonly url: string
  /** The number of connections so far, and of those that requested a WebSocket. */
  readonly seen: { connections: number; upgrades: number }
  /** Stalls all open connections: they stay open, but nothing is forwarded. */
  swallow(): void
  /** Cuts all open connections. */
  cut(): void
  close(): void
}

export async function startProxy(target: string, options: { readonly refusesUpgrades?: true } = {}): Promise<Proxy> {
  const port = Number(new URL(target).port)
  const seen = { connections: 0, upgrades: 0 }
  const open = new Set<{ readonly client: Socket; readonly server: Socket; isSwallowed: boolean }>()
  const proxy = createServer((client) => {
    seen.connections++
    const server = connect(port, '127.0.0.1')
    const pair = { client, server, isSwallowed: false }
    open.add(pair)
    const end = (): void => {
      open.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const side of [client, server]) side.on('error', end).on('close', end)
    client.on('data', (bytes) => {
      const isUpgrade = /\r\nupgrade: websocket/i.test(bytes.toString('latin1'))
      if (isUpgrade) seen.upgrades++
      if (isUpgrade && options.refusesUpgrades === true)
        client.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      else if (!pair.isSwallowed) server.write(bytes)
    })
    server.on('data', (bytes) => {
      if (!pair.isSwallowed) client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve))
  const each = (work: (pair: { client: Socket; server: Socket; isSwallowed: boolean }) => void): void => {
    for (const pair of open) work(pair)
  }
  const cut = (): void => each(({ client, server }) => void (client.destroy(), server.destroy()))
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    seen,
    swallow: () => each((pair) => (pair.isSwallowed = true)),
    cut,
    close: () => {
      cut()
      proxy.close()
    },
  }
}
