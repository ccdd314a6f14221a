// The folder for files that are needed only while the server runs.

import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { makeRunFolder } from './run-folder.ts'

afterEach(() => vi.unstubAllEnvs())

test('only its owner can read it, it comes back if a cleaner removed it, and nothing of it is left', () => {
  const folder = makeRunFolder()
  expect(statSync(folder.path).mode & 0o077).toBe(0)
  rmSync(folder.path, { recursive: true })
  folder.ensure()
  expect(statSync(folder.path).mode & 0o077).toBe(0)
  writeFileSync(folder.socketFile, '')
  folder.remove()
  expect(existsSync(folder.path)).toBe(false)
})

test('its path is short enough for a socket, even if the folder for temporary files has a long path', () => {
  const long = mkdtempSync(join(tmpdir(), 'x'.repeat(90)))
  vi.stubEnv('TMPDIR', long)
  const folder = makeRunFolder()
  expect(folder.socketFile.length).toBeLessThan(104)
  folder.remove()
  rmSync(long, { recursive: true })
})
