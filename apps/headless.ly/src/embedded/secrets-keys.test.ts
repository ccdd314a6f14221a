import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readOrMakeSecretsKeys } from './secrets-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-secrets-keys-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'secrets-keys')
const next = `99999999:${'A'.repeat(42)}E=`
const nowMs = Date.UTC(2026, 10, 29)

test('a key is made once, for its owner only, and the lines of the operator are added to it', () => {
  const made = readOrMakeSecretsKeys(folder, nowMs)
  expect(made).toMatch(/^\d+:[A-Za-z0-9_-]{43}$/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readOrMakeSecretsKeys(folder, nowMs + 60_000)).toBe(made)
  writeFileSync(file, `${readFileSync(file, 'utf8')}${next}\n`)
  expect(readOrMakeSecretsKeys(folder, nowMs)).toBe(`${made}\n${next}`)
})

test('a lost file gets a key of another number', () => {
  const numberAt = (atMs: number): number => Number(readOrMakeSecretsKeys(folder, atMs).split(':')[0])
  const before = numberAt(nowMs)
  rmSync(file)
  expect(numberAt(nowMs + 3_600_000)).not.toBe(before)
})
