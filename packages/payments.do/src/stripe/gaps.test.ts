// The search for events that were not delivered, of which a list has too many.

import { expect, test } from 'vitest'
import { EventMarks, fillGaps } from './gaps.ts'
import { Hints } from './hints.ts'
import type { Mirror } from './mirror.ts'

test('older events that a list leaves out are said to be missing, and the mark stays', async () => {
  let listed = 0
  const get = () => Promise.resolve({ data: [{ id: `evt_${++listed}`, created: 1, data: {} }], has_more: true })
  const marks = new EventMarks(() => undefined)
  const hints = new Hints(() => undefined, { record: () => Promise.resolve() } as never)
  const filled = await fillGaps({ api: { get } } as unknown as Mirror, { hints, marks, nowMs: 1_000_000 })
  expect(filled).toEqual({ found: 100, isCut: true })
  expect(marks.listedUntilMs).toBeUndefined()
})
