import { afterEach, expect, test, vi } from 'vitest'
import { afterTick } from './after-tick.ts'

afterEach(() => vi.unstubAllGlobals())

/** Returns what two concurrent functions have done when the tick ends. */
async function doneByTickEnd(): Promise<readonly string[]> {
  const done: string[] = []
  const both = Promise.all(
    ['a', 'b'].map(async (name) => {
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      done.push(name)
    }),
  )
  const atEnd = await new Promise<readonly string[]>((resolve) => afterTick(() => resolve([...done])))
  await both
  return atEnd
}

test('a tick ends after everything that runs without waiting for I/O', async () => {
  expect(await doneByTickEnd()).toEqual(['a', 'b'])
})

test('without setImmediate, as in a page, it ends at the same point, without a timer', async () => {
  vi.stubGlobal('setImmediate', undefined)
  vi.stubGlobal('setTimeout', () => expect.unreachable('timers of hidden pages run once a second'))
  expect(await doneByTickEnd()).toEqual(['a', 'b'])
})

test('in a Worker it ends with the microtasks, before another request runs', async () => {
  vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
  expect(await doneByTickEnd()).toEqual([])
})
