import { expect, test, vi } from 'vitest'
import { KeyAuthorities } from './key-authorities.ts'

const of = { tenant: 'acme', key: 'hly_sk_1' }
const proving = (who: string, endsMs?: number): string =>
  JSON.stringify({ authority: { who, nouns: {}, others: {} }, ...(endsMs === undefined ? {} : { endsMs }) })

test('a verdict is used for a second after it was asked for, and the tenant is asked once by requests at the same time', async () => {
  let nowMs = 0
  const ask = vi.fn(async () => {
    nowMs += 300
    return proving('ada')
  })
  const authorities = new KeyAuthorities({ ask, now: () => nowMs })
  expect(authorities.known(of)).toBeUndefined()
  const both = await Promise.all([authorities.require(of), authorities.require(of)])
  expect(both.map(({ who }) => who)).toEqual(['ada', 'ada'])
  expect(ask).toHaveBeenCalledTimes(1)
  nowMs = 799
  expect(authorities.known(of)).toBe(both[0])
  expect(authorities.known({ ...of, tenant: 'other' })).toBeUndefined()
  nowMs = 800
  expect(authorities.known(of)).toBeUndefined()
})

test('a verdict ends with its key', async () => {
  let nowMs = 0
  const authorities = new KeyAuthorities({ ask: async () => proving('ada', 400), now: () => nowMs })
  await authorities.require(of)
  nowMs = 399
  expect(authorities.known(of)?.who).toBe('ada')
  nowMs = 400
  expect(authorities.known(of)).toBeUndefined()
})

test('refusals leave at fixed times, also those that are remembered', async () => {
  let nowMs = 5
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms
  }
  const ask = vi.fn(async () => {
    await pass(130)
    return ''
  })
  const authorities = new KeyAuthorities({ ask, now: () => nowMs, wait: pass })
  for (const [takesMs, calls] of [
    [200, 1],
    [100, 1],
  ]) {
    const startMs = nowMs
    await expect(authorities.require(of)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(nowMs - startMs).toBe(takesMs)
    expect(ask).toHaveBeenCalledTimes(calls ?? 0)
  }
})
