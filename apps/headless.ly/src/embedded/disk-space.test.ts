// Room on the disk, and what the operator reads about it.

import { expect, test } from 'vitest'
import { DiskSpace } from './disk-space.ts'

const mebibyte = 2 ** 20

function spaceOf(disks: Readonly<Record<string, { free: number; total: number }>>, warn: (line: string) => void) {
  const measure = (folder: string): Promise<{ freeBytes: number; totalBytes: number }> => {
    const { free, total } = disks[folder] ?? { free: 0, total: 0 }
    return Promise.resolve({ freeBytes: free * mebibyte, totalBytes: total * mebibyte })
  }
  return new DiskSpace({ folders: Object.keys(disks), warn, measure })
}

test('a disk is full below its reserve, and has room only well above it; each change is printed once', async () => {
  const disk = { free: 65, total: 100_000 }
  const lines: string[] = []
  const space = spaceOf({ data: disk }, (line) => lines.push(line))
  const isFullAt = async (free: number): Promise<boolean> => {
    disk.free = free
    return (await space.report()).isFull
  }
  expect(await isFullAt(65)).toBe(false)
  expect(await isFullAt(63)).toBe(true)
  expect(await isFullAt(79)).toBe(true)
  expect(await isFullAt(81)).toBe(false)
  expect(await isFullAt(65)).toBe(false)
  expect(lines).toEqual([
    'the disk is full (63.0 MiB left): writes are refused and reads continue, until 80.0 MiB are free',
    'the disk has room again (81.0 MiB free): writes continue',
  ])
})

test('a small disk has a small reserve, and the fullest of several disks decides', async () => {
  expect(await spaceOf({ data: { free: 17, total: 256 } }, () => {}).report()).toMatchObject({ isFull: false })
  expect(await spaceOf({ data: { free: 15, total: 256 } }, () => {}).report()).toMatchObject({
    isFull: true,
    isExhausted: false,
  })
  expect(await spaceOf({ data: { free: 7, total: 16 } }, () => {}).report()).toMatchObject({ isFull: true })
  const two = { objects: { free: 5_000, total: 10_000 }, lake: { free: 0.1, total: 10_000 } }
  expect(await spaceOf(two, () => {}).report()).toMatchObject({ isFull: true, isExhausted: true })
})
