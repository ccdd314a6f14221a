import { expect, test } from 'vitest'
import { fieldsToVisits, goesOn, type Moment, visitMs, type Visits, visitsToFields, withVisit } from './visit.ts'

const at = (ms: number, seq = 0): Moment => ({ at: new Date(ms).toISOString(), seq })

test('a visit goes on for half an hour, whichever device has the clock that is ahead', () => {
  const visits: Visits = { present: at(1e12) }
  for (const distance of [0, visitMs - 1]) {
    expect(goesOn(visits, 1e12 + distance)).toBe(true)
    expect(goesOn(visits, 1e12 - distance)).toBe(true)
  }
  // A device whose clock is years ahead must not keep the visits of the others from beginning.
  for (const distance of [visitMs, 1e11]) {
    expect(goesOn(visits, 1e12 + distance)).toBe(false)
    expect(goesOn(visits, 1e12 - distance)).toBe(false)
  }
})

test('a new visit keeps the one before it, and no other', () => {
  const first = withVisit(undefined, at(1, 10))
  const second = withVisit(first, at(2, 20))
  expect(first).toEqual({ present: at(1, 10), before: undefined })
  expect(second).toEqual({ present: at(2, 20), before: at(1, 10) })
  expect(withVisit(second, at(3, 30))).toEqual({ present: at(3, 30), before: at(2, 20) })
})

test('visits are the same after they were kept, and what holds none is none', () => {
  for (const visits of [withVisit(undefined, at(1, 10)), withVisit(withVisit(undefined, at(1, 10)), at(2, 20))])
    expect(fieldsToVisits(visitsToFields(visits))).toEqual(visits)
  for (const fields of [{}, { at: 'yesterday', seq: 1 }, { at: at(1).at }, { at: at(1).at, seq: '1' }])
    expect(fieldsToVisits(fields)).toBeUndefined()
})
