import { expect, test } from 'vitest'
import { readLogBack, readWorkOf, seqAt } from './read-log.ts'

interface Logged {
  readonly seq: number
  readonly timestamp: string
}

const startMs = Date.UTC(2026, 0, 1)

/** A log in which each `step`th event is selected, one a second. */
function logOf(count: number, step: number) {
  const all = Array.from({ length: Math.floor(count / step) }, (_, at): Logged => {
    const seq = (at + 1) * step
    return { seq, timestamp: new Date(startMs + seq * 1_000).toISOString() }
  })
  let asked = 0
  return {
    all,
    asked: () => asked,
    async *list({ after }: { readonly after: number }): AsyncGenerator<Logged> {
      asked++
      for (const event of all) if (event.seq > after) yield event
    },
    page: ({ after, limit }: { readonly after: number; readonly limit: number }) =>
      Promise.resolve(all.filter(({ seq }) => seq > after).slice(0, limit)),
  }
}

test.each([
  [0, 1],
  [1, 1],
  [99, 1],
  [1_000, 1],
  [5_000, 7],
  [20_000, 4_999],
])(
  'the pages of a log of %i events, of which each %ith is selected, have each of these once, newest first',
  async (count, step) => {
    const log = logOf(count, step)
    const read: number[] = []
    let pages = 0
    for (let end = count; end > 0; pages++) {
      const page = await readLogBack({ list: (options) => log.list(options), choice: {}, end })
      expect(page.end).toBeLessThan(end)
      read.push(...page.events.map(({ seq }) => seq))
      end = page.end
    }
    expect(read).toEqual(log.all.map(({ seq }) => seq).toReversed())
    expect(pages).toBeLessThanOrEqual(Math.ceil(count / 50))
  },
)

test('a page of a log without a selected event looks at a limited part of it', async () => {
  const log = logOf(1_000_000, 1_000_001)
  const page = await readLogBack({ list: (options) => log.list(options), choice: { type: 'Deal.Won' }, end: 1_000_000 })
  expect(page).toMatchObject({ events: [] })
  expect(page.end).toBeGreaterThan(900_000)
  expect(log.asked()).toBeLessThanOrEqual(12)
})

test.each([1, 3, 10])('the last event up to a moment is found, also if a caller sees each %ith only', async (step) => {
  const log = logOf(500, step)
  const head = 500
  for (const { seq, timestamp } of log.all) {
    const before = new Date(Date.parse(timestamp) - 1).toISOString()
    expect(await seqAt(log.page, { at: timestamp, head })).toBe(seq)
    expect(await seqAt(log.page, { at: before, head })).toBe(Math.max(0, seq - step))
  }
})

test('the work of several actors is their newest events, newest first, and no more than asked for', async () => {
  const all = Array.from({ length: 4_000 }, (_, at) => ({ seq: at + 1, actor: `agent_${at % 7}` }))
  const list = async function* ({ after, actor }: { readonly after: number; readonly actor?: string | undefined }) {
    for (const event of all) if (event.seq > after && event.actor === actor) yield event
  }
  const expected = all.filter(({ seq, actor }) => ['agent_2', 'agent_5'].includes(actor) && seq <= 3_000).toReversed()
  for (const limit of [0, 1, 20])
    expect(await readWorkOf({ list, end: 3_000, actors: ['agent_2', 'agent_5'], limit })).toEqual(
      expected.slice(0, limit),
    )
  expect(await readWorkOf({ list, end: 3_000, actors: ['agent_9'], limit: 20 })).toEqual([])
})
