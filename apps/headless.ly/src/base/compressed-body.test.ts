import { expect, test } from 'vitest'
import { acceptsGzip, compressBody } from './compressed-body.ts'

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
  const encodingOf = (characters: number, headers = new Headers()): string | null => {
    compressBody(headers, 'x'.repeat(characters), 'gzip')
    return headers.get('content-encoding')
  }
  expect(encodingOf(20_000)).toBe('gzip')
  expect(encodingOf(10_000)).toBeNull()
  expect(encodingOf(3_000_000)).toBeNull()
  expect(encodingOf(20_000, new Headers({ etag: '"1"' }))).toBeNull()
})
