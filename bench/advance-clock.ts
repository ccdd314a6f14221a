// Advances the clock of a test tenant, and waits until all due jobs have run.

import type { Client } from '@headlessly/sdk'

const pollMs = 500

export async function advanceClock(client: Client, by: string): Promise<void> {
  let state = await client.clock.advance(by)
  while (state.advancingTo !== null) {
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    state = await client.clock.read()
  }
}
