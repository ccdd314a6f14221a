// Loads the sample company, whose acts are a module of their own: few programs want them.

import type { Client } from '../client/client.ts'

export interface DemoSize {
  readonly leads: number
  readonly visitors: number
  /** Days of business. */
  readonly days: number
}

export interface DemoOptions {
  /** The day at which the year ends, and the tenant's clock stands. */
  readonly untilMs: number
  readonly size?: DemoSize
  /** Begins the tenant with its clock at this time, for a caller who becomes its owner by that. By default the load sets the clock. */
  readonly begin?: (now: string) => Promise<unknown>
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

export interface LoadedDemo {
  readonly acts: number
  readonly paid: number
  readonly now: string
}

/** The tenant must be empty. */
export async function loadDemo(client: Client, options: DemoOptions): Promise<LoadedDemo> {
  const { runDemo } = await import('./demo-load.ts')
  return runDemo(client, options)
}
