// Sends many requests over several connections, and repeats those that a busy server asks to send again.

import type { Server } from '../apps/headless.ly/src/embedded/launcher.ts'
import { HttpConnection, type LoadRequest } from './http-client.ts'

export interface SendOptions {
  readonly count: number
  readonly connections: number
  readonly request: (at: number) => LoadRequest
  /** Receives the body of each answer. */
  readonly seen?: ((body: string) => void) | undefined
}

const attemptsMax = 60
const pauseMs = 1_000

/** Throws for an answer that is no success. */
export async function sendAll(server: Pick<Server, 'port'>, options: SendOptions): Promise<void> {
  const { count, connections, request, seen } = options
  let next = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = await HttpConnection.open(server.port)
      for (let at = next++; at < count; at = next++) {
        let answer = await connection.send(request(at))
        for (let attempt = 1; answer.status === 503 && attempt < attemptsMax; attempt++) {
          await new Promise((resolve) => setTimeout(resolve, pauseMs))
          answer = await connection.send(request(at))
        }
        if (answer.status >= 300) throw new Error(answer.body)
        seen?.(answer.body)
      }
      connection.close()
    }),
  )
}
