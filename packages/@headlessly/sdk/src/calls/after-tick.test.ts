import { afterEach, expect, test, vi } from 'vitest'
import { afterTick } from './after-tick.ts'

afterEach(() => vi.unstubAllGlobals())

/** What has been done when the tick has ended, of what two functions do that run side by side. */
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

test('a tick ends when nothing runs any more that waits for nothing outside', async () => {
  expect(await doneByTickEnd()).toEqual(['a', 'b'])
})

test('where there is no setImmediate, as in a page, it ends as late, and without a timer', async () => {
  vi.stubGlobal('setImmediate', undefined)
  vi.stubGlobal('setTimeout', () => expect.unreachable('a page that is not seen has its timers run once a second'))
  expect(await doneByTickEnd()).toEqual(['a', 'b'])
})

test('in a Worker it ends with the turn, before another request may have its own', async () => {
  vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
  expect(await doneByTickEnd()).toEqual([])
})
