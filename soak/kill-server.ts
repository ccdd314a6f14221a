// Kills the workerd of an embedded server with SIGKILL. Its launcher starts the next one.

import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'

/** A start on a busy machine. */
const restartMs = 150_000

/** Resolves once the server answers again. */
export async function killServer(server: Server): Promise<void> {
  process.kill(server.pid(), 'SIGKILL')
  const startMs = Date.now()
  for (let attempts = 1; ; attempts++) {
    const seen = await lookAt(server)
    if (seen === 'up') return
    if (Date.now() > startMs + restartMs)
      throw new Error(`the server did not answer again in time; attempt ${attempts}: ${seen}`)
    await sleep(20)
  }
}

/** Returns `up`, or why the server is not. */
function lookAt(server: Server): Promise<string> {
  return fetch(`${server.url}/health`, { signal: AbortSignal.timeout(2_000) }).then(
    async (answer) => (answer.ok ? 'up' : `${answer.status} ${await answer.text()}`),
    (error: unknown) => (error instanceof Error ? `${error.message}, ${String(error.cause)}` : String(error)),
  )
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
