import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256Hex } from './sha-256.ts'

const oracle = (text: string): string => createHash('sha256').update(text).digest('hex')

test('the digest of a known string equals the published one', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('the digest equals that of Node for every length around a block boundary', () => {
  for (let length = 0; length < 200; length++) {
    const text = 'x'.repeat(length)
    expect(sha256Hex(text), String(length)).toBe(oracle(text))
  }
})

test('the digest equals that of Node for every well-formed string', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const wellFormed = text.toWellFormed()
      expect(sha256Hex(wellFormed)).toBe(oracle(wellFormed))
    }),
    { numRuns: 300 },
  )
})
