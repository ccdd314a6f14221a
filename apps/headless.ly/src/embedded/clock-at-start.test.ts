import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeClockBehind } from './clock-at-start.ts'

const dayMs = 86_400_000

test('a clock is reported only if a file of the data is dated well after it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-clock-'))
  try {
    const now = Date.now()
    expect(describeClockBehind(folder, now)).toBeUndefined()
    mkdirSync(join(folder, 'tenants'))
    const file = join(folder, 'tenants/a.sqlite')
    writeFileSync(file, '')
    expect(describeClockBehind(folder, now)).toBeUndefined()
    for (const [days, isReported] of [
      [-400, false],
      [0.001, false],
      [1, true],
      [400, true],
    ] as const) {
      const at = new Date(now + days * dayMs)
      utimesSync(file, at, at)
      // A folder's own time is that of its last new file.
      utimesSync(join(folder, 'tenants'), new Date(now), new Date(now))
      expect([days, describeClockBehind(folder, now) !== undefined]).toEqual([days, isReported])
    }
    expect(describeClockBehind(folder, now)).toContain('400.0 days behind')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
