import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { readOrMakeLakeSecret } from './lake-secret.ts'

const root = mkdtempSync(join(tmpdir(), 'headlessly-secret-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folder = ''
let count = 0
beforeEach(() => {
  folder = join(root, String(count++))
  mkdirSync(folder)
})

test('a secret is created once and then always read back', () => {
  const secret = readOrMakeLakeSecret(folder)
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(readOrMakeLakeSecret(folder)).toBe(secret)
})

test('two folders have two secrets', () => {
  const other = join(folder, 'other')
  mkdirSync(other)
  expect(readOrMakeLakeSecret(other)).not.toBe(readOrMakeLakeSecret(folder))
})

test('only its owner can read it, also after a launcher died while creating one', () => {
  const left = join(folder, 'lake-secret.new')
  writeFileSync(left, 'half', { mode: 0o644 })
  chmodSync(left, 0o644)
  readOrMakeLakeSecret(folder)
  expect(statSync(join(folder, 'lake-secret')).mode & 0o777).toBe(0o600)
  expect(existsSync(left)).toBe(false)
})

test.each(['', '   ', 'short', `${'x'.repeat(42)}!`, 'x'.repeat(44)])(
  'an invalid secret is refused with a message and left unchanged: "%s"',
  (text) => {
    const file = join(folder, 'lake-secret')
    writeFileSync(file, text)
    expect(() => readOrMakeLakeSecret(folder)).toThrow(/^the secret of the lake in .* is not valid/)
    expect(statSync(file).size).toBe(text.length)
  },
)

test('an unreadable secret is refused with a message', () => {
  mkdirSync(join(folder, 'lake-secret'))
  expect(() => readOrMakeLakeSecret(folder)).toThrow(/^the secret of the lake in .* cannot be read/)
})
