import { expect, test } from 'vitest'
import { acceptsGzip, isCompressible } from './compressed-body.ts'

test.each([
  ['gzip', true],
  ['deflate, gzip;q=0.5', true],
  ['GZIP', true],
  ['*', true],
  ['gzip;q=0', false],
  ['gzip; q=0, *', false],
  ['*;q=0', false],
  ['identity', false],
  ['br, zstd', false],
  ['', false],
])('Accept-Encoding: %s', (header, isAccepted) => {
  expect(acceptsGzip(header)).toBe(isAccepted)
})

test('small bodies, huge bodies, and bodies with an ETag are sent as they are', () => {
  const isCompressed = (characters: number, version?: number): boolean =>
    isCompressible({ body: 'x'.repeat(characters), version }, 'gzip')
  expect(isCompressed(20_000)).toBe(true)
  expect(isCompressed(10_000)).toBe(false)
  expect(isCompressed(3_000_000)).toBe(false)
  expect(isCompressed(20_000, 1)).toBe(false)
})
