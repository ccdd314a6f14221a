// The longest delay of another tenant's small reads while something heavy is answered: how long the thread is held at once.

import { type Client, Headlessly } from '@headlessly/sdk'
import { median } from './load.ts'

const runs = 5
const pauseMs = 1

export interface Neighbour {
  /** Returns the median, over several runs, of the longest delay in milliseconds. */
  readonly longestDelayWhile: (heavy: () => Promise<unknown>) => Promise<number>
}

export async function makeNeighbour(endpoint: string): Promise<Neighbour> {
  const client: Client = Headlessly({ tenant: 'neighbour', endpoint })
  const { $id } = await client.Contact.create({ name: 'Ada' })
  const delayMs = async (): Promise<number> => {
    const startMs = performance.now()
    await client.Contact.get($id, { strong: true })
    return performance.now() - startMs
  }
  return {
    async longestDelayWhile(heavy) {
      const longest: number[] = []
      for (let run = 0; run < runs; run++) {
        let isDone = false
        const work = heavy().finally(() => void (isDone = true))
        let most = 0
        while (!isDone) {
          most = Math.max(most, await delayMs())
          await new Promise((resolve) => setTimeout(resolve, pauseMs))
        }
        await work
        longest.push(most)
      }
      return median(longest)
    },
  }
}
