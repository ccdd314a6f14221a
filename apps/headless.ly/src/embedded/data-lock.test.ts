// The lock of a data folder, between servers of one process. Between processes: test/server-life.long.test.ts.

import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lockByName, lockDataFolder } from './data-lock.ts'

const base = mkdtempSync(join(tmpdir(), 'headlessly-lock-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

function makeFolder(name: string): string {
  mkdirSync(join(base, name))
  return join(base, name)
}

test('a locked folder is refused by every path that leads to it, until the lock is released', async () => {
  const folder = makeFolder('one')
  symlinkSync(folder, join(base, 'link'))
  const lock = await lockDataFolder(folder)
  for (const path of [folder, join(base, 'link'), `${base}/../${base.slice(base.lastIndexOf('/') + 1)}/one`]) {
    await expect(lockDataFolder(path)).rejects.toThrow('is in use by another server')
  }
  lock.release()
  const next = await lockDataFolder(join(base, 'link'))
  next.release()
})

test('a lock leaves nothing in the folder, follows it when it is renamed, and does not touch another folder', async () => {
  const folder = makeFolder('two')
  const lock = await lockDataFolder(folder)
  expect(readdirSync(folder)).toEqual([])
  renameSync(folder, join(base, 'renamed'))
  await expect(lockDataFolder(join(base, 'renamed'))).rejects.toThrow('in use')
  const other = await lockDataFolder(makeFolder('two'))
  other.release()
  lock.release()
})

test('a start that finds the lock of a process that is about to end waits for it', async () => {
  const folder = makeFolder('three')
  const lock = await lockDataFolder(folder)
  const waiting = lockDataFolder(folder)
  setTimeout(() => lock.release(), 100)
  const next = await waiting
  next.release()
})

test.skipIf(process.platform !== 'linux')('without the program flock, the folder is locked by a name', async () => {
  const folder = makeFolder('four')
  symlinkSync(folder, join(base, 'link-four'))
  const lock = await lockByName(folder)
  expect(lock).toBeDefined()
  expect(await lockByName(join(base, 'link-four'))).toBeUndefined()
  const other = await lockByName(makeFolder('five'))
  expect(other).toBeDefined()
  lock?.release()
  const path = process.env['PATH']
  process.env['PATH'] = base
  try {
    const next = await lockDataFolder(folder)
    expect(next.descriptor).toBeUndefined()
    expect(await lockByName(folder)).toBeUndefined()
    next.release()
  } finally {
    process.env['PATH'] = path
    other?.release()
  }
})
