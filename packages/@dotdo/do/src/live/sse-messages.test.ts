// Server-sent events of generated logs, read in parts of any size and cut off at any character.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LiveEvent } from './live-event.ts'
import { SseMessages } from './sse-messages.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

/** Commits as lists of whether the reader receives each event. */
const anyLog = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), { maxLength: 12 })

interface Log {
  readonly received: readonly LiveEvent[]
  readonly ends: readonly number[]
}

function logOf(commits: readonly (readonly boolean[])[]): Log {
  const received: LiveEvent[] = []
  const ends: number[] = [0]
  for (const commit of commits) {
    const first = (ends.at(-1) ?? 0) + 1
    for (const [at, isReceived] of commit.entries()) {
      const seq = first + at
      const head = { seq, commit: first, type: 'Deal.Won', target: 'deal_1', actor: 'user_1', atMs: 0 }
      if (isReceived) received.push({ ...head, text: JSON.stringify({ seq, commit: first }) })
    }
    ends.push(first + commit.length - 1)
  }
  return { received, ends }
}

/** Formats the log from one position on, in parts of these numbers of `seq`s. */
function format(
  { received, ends }: Log,
  of: { after: number; parts: readonly number[]; takesCommits: boolean },
): string {
  const messages = new SseMessages({
    takesCommits: of.takesCommits,
    commitEnd: (seq) => ends.find((end) => end >= seq) ?? 0,
  })
  const head = ends.at(-1) ?? 0
  let text = ''
  let { after } = of
  for (let part = 0; after < head; part++) {
    const readThrough = Math.min(head, after + (of.parts[part % of.parts.length] ?? 1))
    const from = after
    text += messages.format({ events: received.filter(({ seq }) => seq > from && seq <= readThrough), readThrough })
    after = readThrough
  }
  expect(messages.isInMessage).toBe(false)
  return text
}

/** Reads as a browser's EventSource does, which drops a message that is not complete. */
function read(text: string): { readonly events: readonly (readonly number[])[]; readonly ids: readonly string[] } {
  const blocks = text.split('\n\n').slice(0, -1)
  const fields = blocks.map(
    (block) => new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line])),
  )
  const data = fields.flatMap((of) => of.get('data')?.slice('data: '.length) ?? [])
  const seqsOf = (json: string): readonly number[] => {
    const message = JSON.parse(json) as { seq: number; events?: readonly { seq: number }[] }
    return message.events === undefined ? [message.seq] : message.events.map(({ seq }) => seq)
  }
  return { events: data.map(seqsOf), ids: fields.flatMap((of) => of.get('id')?.slice('id: '.length) ?? []) }
}

test(`however a log is read in parts, each event comes once, and every id is the end of a commit (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      anyLog,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.boolean(),
      (commits, parts, takesCommits) => {
        const log = logOf(commits)
        const { events, ids } = read(format(log, { after: 0, parts, takesCommits }))
        expect(events.flat()).toEqual(log.received.map(({ seq }) => seq))
        for (const id of ids) expect(log.ends).toContain(Number(id))
        expect(new Set(ids).size).toBe(ids.length)
        const byCommit = Object.values(Object.groupBy(log.received, ({ commit }) => commit)).map((of) =>
          of?.map(({ seq }) => seq),
        )
        expect(ids).toHaveLength(byCommit.length)
        if (takesCommits) expect(events).toEqual(byCommit)
      },
    ),
    { seed },
  )
})

test(`a reader that is cut off anywhere and resumes after its last id misses no event, and receives each commit whole (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      anyLog,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.boolean(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (commits, parts, takesCommits, share) => {
        const log = logOf(commits)
        const text = format(log, { after: 0, parts, takesCommits })
        const before = read(text.slice(0, Math.floor(text.length * share)))
        const after = Number(before.ids.at(-1) ?? 0)
        const rest = read(format(log, { after, parts, takesCommits }))
        // A reader of single events receives the first ones of the cut commit again.
        const isNew = (seq: number): boolean => takesCommits || seq > after
        const seqs = [...before.events.flat().filter((seq) => seq <= after), ...rest.events.flat().filter(isNew)]
        expect(seqs).toEqual(log.received.map(({ seq }) => seq))
      },
    ),
    { seed },
  )
})
