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

test('a secret is made once and read again ever after', () => {
  const secret = readOrMakeLakeSecret(folder)
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(readOrMakeLakeSecret(folder)).toBe(secret)
})

test('two folders have two secrets', () => {
  const other = join(folder, 'other')
  mkdirSync(other)
  expect(readOrMakeLakeSecret(other)).not.toBe(readOrMakeLakeSecret(folder))
})

test('only its owner can read it, also where a launcher died while it made one', () => {
  const left = join(folder, 'lake-secret.new')
  writeFileSync(left, 'half', { mode: 0o644 })
  chmodSync(left, 0o644)
  readOrMakeLakeSecret(folder)
  expect(statSync(join(folder, 'lake-secret')).mode & 0o777).toBe(0o600)
  expect(existsSync(left)).toBe(false)
})

test.each(['', '   ', 'short', `${'x'.repeat(42)}!`, 'x'.repeat(44)])(
  'a secret that was not made here is refused in a sentence and stays as it is: "%s"',
  (text) => {
    const file = join(folder, 'lake-secret')
    writeFileSync(file, text)
    expect(() => readOrMakeLakeSecret(folder)).toThrow(/^the secret of the lake in .* is not the one that was made/)
    expect(statSync(file).size).toBe(text.length)
  },
)

test('a secret that cannot be read is refused in a sentence', () => {
  mkdirSync(join(folder, 'lake-secret'))
  expect(() => readOrMakeLakeSecret(folder)).toThrow(/^the secret of the lake in .* cannot be read/)
})
