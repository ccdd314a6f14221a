import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ThumbnailWorker } from './thumbnail-worker.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-thumbnails-'))
const file = join(folder, 'process.mjs')
// Does to its process what a hostile image might do: its first byte says what.
writeFileSync(
  file,
  `const kept = []
process.on('message', ({ bytes: [deed] }) => {
  if (deed === 1) for (;;);
  if (deed === 2) process.exit(7)
  if (deed === 3) setInterval(() => kept.push(new Uint8Array(16 * 2 ** 20).fill(1)), 1)
  if (deed === 0) process.send({ ok: true, bytes: Uint8Array.of(process.pid & 255) })
})
process.on('disconnect', () => process.exit())
`,
)
const worker = new ThumbnailWorker(file, { busyMs: 300, waitMs: 30_000, residentBytes: 256 * 2 ** 20 })
afterAll(() => {
  worker.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('an image that takes too long, too much memory, or ends its process is refused, and the next one is made', async () => {
  const made = (deed: number) => worker.make(Uint8Array.of(deed), 64)
  expect(await made(0)).toMatchObject({ ok: true })
  const first = worker.pid
  expect(await made(0)).toMatchObject({ ok: true })
  expect(worker.pid).toBe(first)
  // Only Linux says what a process takes.
  const hostile =
    process.platform === 'linux'
      ? ([
          [1, 'tooLong'],
          [2, 'tooMuchMemory'],
          [3, 'tooMuchMemory'],
        ] as const)
      : ([[2, 'tooMuchMemory']] as const)
  for (const [deed, reason] of hostile) {
    expect(await made(deed)).toEqual({ ok: false, reason })
    expect(await made(0)).toMatchObject({ ok: true })
  }
  expect(worker.pid).not.toBe(first)
})
