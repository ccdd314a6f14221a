// Storing functions on the server of a test.

import { expect } from 'vitest'
import type { useServer } from './server.ts'

export type Json = Readonly<Record<string, unknown>>
type Call = ReturnType<typeof useServer>['call']

/** Returns what stores a function in a tenant, and expects that it is accepted. */
export function storing(call: Call): (tenant: string, name: string, body: Json) => Promise<Json> {
  return async (tenant, name, body) => {
    const { status, body: made } = await call('PUT', `/~${tenant}/functions/${name}`, body)
    expect([status, made]).toEqual([
      expect.toSatisfy((code) => code === 200 || code === 201),
      expect.objectContaining({ name }),
    ])
    return made
  }
}
