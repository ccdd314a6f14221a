// Gathers what is asked for at nearly the same time into one read.

const gatherMs = 5

interface Waiting<Answer> {
  readonly id: string
  readonly resolve: (answer: Answer | undefined) => void
  readonly reject: (error: unknown) => void
}

/** `read` returns the answers by id; at most `idsMax` ids are asked for at once. */
export function batchLoader<Answer>(
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Answer>>,
  idsMax: number,
): (id: string) => Promise<Answer | undefined> {
  let waiting: Waiting<Answer>[] = []
  const send = async (some: readonly Waiting<Answer>[]): Promise<void> => {
    try {
      const answers = await read([...new Set(some.map(({ id }) => id))])
      for (const { id, resolve } of some) resolve(answers.get(id))
    } catch (error) {
      for (const { reject } of some) reject(error)
    }
  }
  const sendAll = (): void => {
    const all = waiting
    waiting = []
    for (let at = 0; at < all.length; at += idsMax) void send(all.slice(at, at + idsMax))
  }
  return (id) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setTimeout(sendAll, gatherMs)
      waiting.push({ id, resolve, reject })
    })
}
