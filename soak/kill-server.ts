// Kills the workerd of an embedded server with SIGKILL. Its launcher starts the next one.

import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'

const restartMs = 30_000

/** Resolves once the server answers again. */
export async function killServer(server: Server): Promise<void> {
  process.kill(server.pid(), 'SIGKILL')
  const deadline = Date.now() + restartMs
  for (;;) {
    const isUp = await fetch(`${server.url}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (answer) => answer.ok,
      () => false,
    )
    if (isUp) return
    if (Date.now() > deadline) throw new Error('the server did not answer again in time')
    await sleep(20)
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
