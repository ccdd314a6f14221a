import { createHash } from 'node:crypto'
import { FaultyObjectStore, MemoryObjectStore, StoreFault } from '@dotdo/db'
import { ObjectError } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { detectType, servedType } from './detect-type.ts'
import { examineFile } from './examine-file.ts'
import { receiveBytes } from './receive-bytes.ts'
import { serveFile } from './serve-file.ts'
import { putRecord, readParts, readRange, readRecord, removeBytes, totalOf } from './stored-file.ts'

const id = 'file_0123456789abcdefghijklmnop'

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff)
}

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

async function joined(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return Buffer.concat(all)
}

test('a sender that is cut off anywhere goes on at the offset, and the file is what was sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        size: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 4_194_300, max: 4_194_310 })),
        chunk: fc.integer({ min: 1, max: 100_000 }),
        seed: fc.nat(),
        cuts: fc.array(fc.nat({ max: 5_000_000 }), { maxLength: 5 }),
      }),
      async ({ size, chunk, seed, cuts }) => {
        const store = new MemoryObjectStore()
        const faulty = new FaultyObjectStore(store, { seed, failRate: 0.15, halfRate: 0.15 })
        const bytes = bytesOf(size)
        let attempts = 0
        for (let offset = 0; offset < size || attempts === 0; attempts++) {
          // Each attempt sends up to a cut; the last ones all that is left, on a store that works again.
          if (attempts >= cuts.length) faulty.heal()
          const end = Math.min(size, Math.max(offset, cuts[attempts] ?? size))
          const sent = chunks(bytes.subarray(offset, end), Math.max(chunk, size >> 6))
          await receiveBytes(sent, { files: faulty, id, size, offset }).catch((error: unknown) => {
            if (!(error instanceof StoreFault) && !(error instanceof ObjectError)) throw error
          })
          const arrived = totalOf(await readParts(store, id))
          expect(arrived).toBeGreaterThanOrEqual(offset)
          offset = arrived
        }
        const parts = await readParts(store, id)
        expect(totalOf(parts)).toBe(size)
        const { hash } = await examineFile(store, id, { parts, claimedType: '' })
        expect(hash).toBe(createHash('sha256').update(bytes).digest('hex'))
      },
    ),
    { numRuns: 60 },
  )
})

test('of two senders at one offset, one part is stored, and the other learns where to go on', async () => {
  const files = new MemoryObjectStore()
  const bytes = bytesOf(1_000)
  const send = (end: number) => receiveBytes(chunks(bytes.subarray(0, end), 7), { files, id, size: 1_000, offset: 0 })
  const outcomes = await Promise.allSettled([send(600), send(1_000)])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const arrived = totalOf(await readParts(files, id))
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'conflict', detail: { offset: arrived } },
  })
})

test('a range of any file is the bytes of that range, and no other range is answered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }),
      fc.oneof(
        fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 400 })).map(([a, b]) => `bytes=${a}-${b}`),
        fc.nat({ max: 400 }).map((a) => `bytes=${a}-`),
        fc.nat({ max: 400 }).map((a) => `bytes=-${a}`),
        fc.constantFrom('bytes=0-1,2-3', 'bytes=-', 'bytes=a-b', `bytes=0-${'9'.repeat(15)}`, 'items=0-1'),
      ),
      async (sizes, range) => {
        const files = new MemoryObjectStore()
        const size = totalOf(sizes)
        const bytes = bytesOf(size)
        for (const part of sizes) {
          const offset = totalOf(await readParts(files, id))
          await receiveBytes(chunks(bytes.subarray(offset, offset + part), 9), { files, id, size, offset })
        }
        const record = { size, hash: 'ab', mediaType: 'image/png', parts: sizes }
        const served = serveFile(
          { header: (name) => (name === 'range' ? range : undefined) },
          { files, id, record, filename: 'x' },
        )
        if (!served.ok || served.file === undefined) throw new Error('a file')
        const { status, content, headers } = served.file
        const got = typeof content === 'string' ? Buffer.from(content) : await joined(content)
        const [, start, end] = /^bytes (\d+)-(\d+)\//.exec(headers?.['content-range'] ?? '') ?? []
        if (status === 206) expect(got).toEqual(Buffer.from(bytes.subarray(Number(start), Number(end) + 1)))
        else expect([status, got]).toEqual(status === 416 ? [416, Buffer.alloc(0)] : [200, Buffer.from(bytes)])
      },
    ),
  )
})

test('a removal that fails at any call leaves no file that can be read, and ends when it is repeated', async () => {
  for (let seed = 0; seed < 40; seed++) {
    const store = new MemoryObjectStore()
    const bytes = bytesOf(100)
    const parts = await receiveBytes(chunks(bytes, 10), { files: store, id, size: 100, offset: undefined })
    await putRecord(store, id, { size: 100, hash: 'ab', mediaType: 'text/plain', parts })
    const faulty = new FaultyObjectStore(store, { seed, failRate: 0.3, halfRate: 0.3 })
    for (let isDone = false; !isDone;) {
      isDone = await removeBytes(faulty, id).then(
        () => true,
        () => false,
      )
      const record = await readRecord(store, id)
      if (record !== undefined)
        expect(await joined(readRange(store, id, { parts, range: { start: 0, end: 100 } }))).toEqual(Buffer.from(bytes))
    }
    expect((await store.list({ prefix: '', limit: 10 })).objects).toEqual([])
  }
})

test('the type is that of the content: nothing that runs is named as what it claims to be', async () => {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
  const dangerous = ['text/html', 'image/svg+xml', 'application/javascript', 'text/xml', 'application/xhtml+xml', 'x']
  for (const text of [
    '<html><script>',
    '<svg onload="x">',
    '<?xml version="1.0"?><svg/>',
    'alert(1)',
    '\ufeff<html>',
    '',
  ])
    for (const claimed of dangerous) {
      const type = await detectType(utf8(text), claimed)
      expect(servedType(type).contentType).toBe('text/plain; charset=utf-8')
    }
  expect(await detectType(Uint8Array.of(0, 1, 2), 'text/plain')).toBe('application/octet-stream')
  expect(await detectType(utf8('a,b'), 'text/csv; charset=x')).toBe('text/csv')
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.string(), async (bytes, claimed) => {
      const { contentType, isShown } = servedType(await detectType(bytes, claimed))
      expect(contentType).not.toMatch(/html|svg|xml|script/)
      if (isShown)
        expect(contentType).toMatch(
          /^(?:image\/(?:png|jpeg|gif|webp|avif)|application\/pdf|text\/plain; charset=utf-8)$/,
        )
    }),
  )
})
