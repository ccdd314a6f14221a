import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readOrMakeOperatorKey } from './operator-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-operator-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test("the operator's key is made once, for the owner of the folder only, and a damaged file is named", () => {
  const file = join(folder, 'operator-key')
  const key = readOrMakeOperatorKey(folder)
  expect(key).toMatch(/^hly_op_[0-9a-f]{43}$/)
  expect([readOrMakeOperatorKey(folder), readFileSync(file, 'utf8')]).toEqual([key, `${key}\n`])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  writeFileSync(file, 'hly_op_short')
  expect(() => readOrMakeOperatorKey(folder)).toThrow(`the operator's key in ${file} is not valid`)
  rmSync(file)
  expect(readOrMakeOperatorKey(folder)).not.toBe(key)
})
