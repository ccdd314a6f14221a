// Servers for a benchmark, ours and bare, each under the same embedded server with its own folder.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Server, startServer } from '../apps/headless.ly/src/embedded/launcher.ts'

const bareWorker = resolve(import.meta.dirname, 'bare/worker.js')

export interface BenchServers {
  readonly ours: Server
  readonly bare: Server
}

export async function withServers<Result>(work: (servers: BenchServers) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-bench-'))
  const started: Server[] = []
  try {
    const start = async (options: Parameters<typeof startServer>[0]): Promise<Server> => {
      const server = await startServer(options)
      started.push(server)
      return server
    }
    const ours = await start({ dataFolder: join(folder, 'ours'), port: 0 })
    const bare = await start({ dataFolder: join(folder, 'bare'), port: 0, workerFile: bareWorker })
    return await work({ ours, bare })
  } finally {
    await Promise.all(started.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}
