import { expect, test } from 'vitest'
import { compressors, decompressors } from './compression.ts'

test('a page of any size decompresses in workerd, however well it was compressed', () => {
  for (let length = 1; length < 2_000_000; length = Math.ceil(length * 1.2)) {
    for (const period of [1, 7919, 104_729]) {
      const page = Uint8Array.from({ length }, (_, at) => ((at % period) * 31) & 255)
      const read = decompressors.GZIP(compressors.GZIP(page), length)
      expect(read.length === length && read.every((byte, at) => byte === page[at]), `${length} bytes`).toBe(true)
    }
  }
})

test('a page far larger than its stated size is refused', () => {
  const page = compressors.GZIP(new Uint8Array(1_000_000))
  expect(() => decompressors.GZIP(page, 1_000)).toThrow()
})
