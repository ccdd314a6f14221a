import { expect, test } from 'vitest'
import { codeOf, stepOfCode, toBase32 } from './one-time-codes.ts'

/** The secret of the RFCs' examples. */
const secret = new Uint8Array(new TextEncoder().encode('12345678901234567890'))

test('codes are those of the examples of RFC 4226 and RFC 6238', async () => {
  const counted = await Promise.all([0, 1, 2, 9].map((counter) => codeOf(secret, counter)))
  expect(counted).toEqual(['755224', '287082', '359152', '520489'])
  const times = [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000]
  const codes = await Promise.all(times.map((seconds) => codeOf(secret, Math.floor(seconds / 30), 8)))
  expect(codes).toEqual(['94287082', '07081804', '14050471', '89005924', '69279037', '65353130'])
})

test('a code counts for its step and the ones beside it, and once', async () => {
  const nowMs = 1_111_111_109_000
  const step = Math.floor(nowMs / 30_000)
  for (const [offset, isRight] of [
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ] as const) {
    const code = await codeOf(secret, step + offset)
    expect(await stepOfCode(secret, { code, nowMs, after: 0 })).toBe(isRight ? step + offset : undefined)
  }
  const code = await codeOf(secret, step)
  expect(await stepOfCode(secret, { code, nowMs, after: step })).toBeUndefined()
})

test('base32 is that of the examples of RFC 4648, without padding', () => {
  const texts = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar']
  expect(texts.map((text) => toBase32(new TextEncoder().encode(text)))).toEqual([
    '',
    'MY',
    'MZXQ',
    'MZXW6',
    'MZXW6YQ',
    'MZXW6YTB',
    'MZXW6YTBOI',
  ])
})
