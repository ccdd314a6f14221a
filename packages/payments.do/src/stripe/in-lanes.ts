// Work on many items, some at a time: those of one lane one after another, in their order.

export interface Lanes<Item> {
  readonly laneOf: (item: Item) => string
  /** Lanes that are worked on at a time. */
  readonly lanesMax: number
}

/** Rejects with the first error, once the lanes that had begun have come to an end of an item. */
export async function inLanes<Item>(
  items: readonly Item[],
  { laneOf, lanesMax }: Lanes<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...Map.groupBy(items, laneOf).values()]
  const faults: unknown[] = []
  const next = async (): Promise<void> => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift())
      for (const item of lane) {
        if (faults.length > 0) return
        await work(item).catch((fault: unknown) => void faults.push(fault))
      }
  }
  await Promise.all(Array.from({ length: Math.min(lanesMax, waiting.length) }, next))
  if (faults.length > 0) throw faults[0]
}
