// A read in rounds does each work that it needs, also one that another work needs, and gives up after a number of rounds.

import { expect, test } from 'vitest'
import { readInRounds, Unfinished } from './unfinished.ts'

test('a work that needs another one first is started again after it', async () => {
  const done: string[] = []
  const inner = async (): Promise<void> => {
    done.push('inner')
  }
  const outer = async (): Promise<void> => {
    if (!done.includes('inner')) throw new Unfinished(inner)
    done.push('outer')
  }
  const read = async (): Promise<string> => {
    if (!done.includes('outer')) throw new Unfinished(outer)
    return 'read'
  }
  expect(await readInRounds(read)).toBe('read')
  expect(done).toEqual(['inner', 'outer'])
})

test('a read whose work never suffices ends', async () => {
  let works = 0
  const work = async (): Promise<void> => {
    works++
  }
  await expect(readInRounds(() => Promise.reject(new Unfinished(work)))).rejects.toBeInstanceOf(Unfinished)
  expect(works).toBeGreaterThan(0)
})

test('another error of a work ends the read', async () => {
  const work = (): Promise<void> => Promise.reject(new Error('no'))
  await expect(readInRounds(() => Promise.reject(new Unfinished(work)))).rejects.toThrow('no')
})
