import { ObjectError } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BodyRoom } from './body-room.ts'

const megabyte = 2 ** 20
const never = (): Promise<never> => new Promise(() => {})
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof ObjectError ? error.code : error),
  )

test('a tenant holds half of the room, all together the whole, and small bodies are not counted', async () => {
  const room = new BodyRoom()
  for (const tenant of ['a', 'b']) {
    for (let at = 0; at < 96; at++) void room.hold(tenant, megabyte, never)
    expect(await codeOf(room.hold(tenant, megabyte, never))).toBe('overloaded')
  }
  expect(await codeOf(room.hold('c', megabyte, never))).toBe('overloaded')
  expect(await codeOf(room.hold('c', 1_000, () => Promise.resolve()))).toBe('done')
})

test('room is free again however the work ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 96 * megabyte }), fc.boolean())), async (works) => {
      const room = new BodyRoom()
      for (const [bytes, fails] of works) {
        const outcome = await codeOf(
          room.hold('a', bytes, () => (fails ? Promise.reject(new Error('broken')) : Promise.resolve())),
        )
        expect(outcome).toEqual(fails ? new Error('broken') : 'done')
      }
      expect(await codeOf(room.hold('a', 96 * megabyte, () => Promise.resolve()))).toBe('done')
    }),
  )
})
