import { formatInternalError } from 'digital-objects'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ErrorPrinter } from './error-printer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function printer(): { readonly printed: string[]; readonly take: (text: string) => void } {
  const printed: string[] = []
  const errors = new ErrorPrinter({ warn: (line) => void printed.push(line), now: () => Date.now() })
  return { printed, take: (text) => errors.take(text) }
}

const place = { requestId: 'req_7f', request: 'GET /~acme/Contact', tenant: 'acme' }

test('an internal error is shown with its request, tenant, message and stack, however its line arrives', () => {
  const { printed, take } = printer()
  const text = `noise\n${formatInternalError(new TypeError('x is undefined'), place)}\nworkerd/server: info: noise\n`
  for (const character of text) take(character)
  expect(printed).toEqual([
    expect.stringMatching(
      /^internal error \(req_7f, GET \/~acme\/Contact, tenant acme\): TypeError: x is undefined\n +at /,
    ),
  ])
})

test('errors that workerd reports itself are shown, and other output is not', () => {
  const { printed, take } = printer()
  take('workerd/server/server.c++:1: error: Uncaught exception: kj failed\nuser text\n{"internalError":broken\n')
  expect(printed).toEqual([expect.stringContaining('Uncaught exception'), expect.stringContaining('broken')])
})

test('a flood of one error is counted, and another error is still shown', () => {
  const { printed, take } = printer()
  const flood = (count: number): void => {
    for (let at = 0; at < count; at++)
      take(`${formatInternalError('no space', { ...place, requestId: `req_${at}a` })}\n`)
  }
  flood(5_000)
  expect(printed.length).toBe(4)
  take(`${formatInternalError('something else', place)}\n`)
  expect(printed.at(-1)).toContain('something else')
  vi.advanceTimersByTime(60_000)
  expect(printed.at(-1)).toBe('4997 more internal errors in the last minute')
  flood(1)
  expect(printed.at(-1)).toContain('no space')
})

test('a flood of different errors is counted too', () => {
  const { printed, take } = printer()
  for (let at = 0; at < 5_000; at++) take(`${formatInternalError('x'.repeat(at % 400))}\n`)
  expect(printed.length).toBeLessThan(40)
  take('x'.repeat(10_000_000))
})
