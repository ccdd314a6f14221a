// House rules that a machine can check.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
const sources = tracked.filter((file) => /\.(tsx?|js)$/.test(file))

test('a source file is named in kebab-case after its one concept', () => {
  const wrong = sources.filter(
    (file) =>
      !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|test-d|suite|workerd\.test|blackbox\.test|long\.test|release\.test|config|d))?\.(?:tsx?|js)$/.test(
        basename(file),
      ),
  )
  expect(wrong).toEqual([])
})

test('no file is a drawer for unrelated things', () => {
  expect(
    sources.filter((file) => /(?:^|\/)(?:utils?|helpers?|types|constants|common|misc|shared)\.(?:tsx?|js)$/.test(file)),
  ).toEqual([])
})

test('no source file is over 400 lines', () => {
  const long = sources.filter(
    (file) => !file.includes('.test.') && readFileSync(resolve(root, file), 'utf8').split('\n').length > 400,
  )
  expect(long).toEqual([])
})

// Files of tests in workerd share a process, and the objects that earlier files woke would run on the fake timers.
test('a test in workerd uses the real timers', () => {
  const fake = sources.filter(
    (file) => file.endsWith('.workerd.test.ts') && /useFakeTimers/.test(readFileSync(resolve(root, file), 'utf8')),
  )
  expect(fake).toEqual([])
})

test('an index lists its names by hand', () => {
  expect(sources.filter((file) => /^export \*/m.test(readFileSync(resolve(root, file), 'utf8')))).toEqual([])
})

test('a source file opens with a sentence about its concept', () => {
  const silent = sources.filter((file) => {
    if (file.includes('.test') || file.includes('index.ts') || file.endsWith('.config.ts') || file.endsWith('.d.ts'))
      return false
    return !/^(?:#!.*\n)?\/\/ /.test(readFileSync(resolve(root, file), 'utf8'))
  })
  expect(silent).toEqual([])
})

test('the lock file contains no server address', () => {
  expect(readFileSync(resolve(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "https?:/)
})

test('the index of decisions lists each decision with its title and date', () => {
  const folder = resolve(root, 'docs/decisions')
  const files = readdirSync(folder).filter((file) => file !== 'README.md')
  const rows = files.map((file) => {
    const text = readFileSync(resolve(folder, file), 'utf8')
    const [, title = 'no title'] = /^# (.*)$/m.exec(text) ?? []
    const [, date = 'no line `Date: YYYY-MM-DD`'] = /^Date: (\d{4}-\d{2}-\d{2})$/m.exec(text) ?? []
    return `| [${file.slice(0, 4)}](${file}) | ${title} | ${date} |`
  })
  const index = readFileSync(resolve(folder, 'README.md'), 'utf8')
  expect(index.split('\n').filter((line) => line.startsWith('| ['))).toEqual(rows.toSorted())
})

test('every path that a page names exists', () => {
  const missing = tracked
    .filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md')
    .flatMap((page) => {
      const text = readFileSync(resolve(root, page), 'utf8')
      return [...text.matchAll(/`((?:packages|apps|docs|test|soak|bench|examples)\/[\w@./-]*)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(resolve(root, path)))
        .map((path) => `${page}: ${path}`)
    })
  expect(missing).toEqual([])
})
