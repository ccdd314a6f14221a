// Servers of the launcher that workerd reaches by a Unix socket.

import { rmSync } from 'node:fs'
import type { Server } from 'node:http'

/** Listens in the place of a former server. `stop` cuts off the requests that are still answered. */
export async function listenOnSocket(
  server: Server,
  socketFile: string,
): Promise<{ readonly stop: () => Promise<void> }> {
  // workerd closes idle connections. A timeout on this side could close one while a request is arriving.
  server.keepAliveTimeout = 0
  rmSync(socketFile, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketFile, resolve)
  })
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
