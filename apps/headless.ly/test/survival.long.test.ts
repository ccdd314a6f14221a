// Short runs of the endurance tests in `soak/`.

import { expect, test } from 'vitest'
import { fuzz } from '../../../soak/fuzz.ts'
import { changeUnderWriters } from '../../../soak/definitions.ts'
import { canTrace, judge, traceWrites } from '../../../soak/fsync-trace.ts'
import { checkHistory } from '../../../soak/history.ts'
import { killUnderWriters } from '../../../soak/kill.ts'
import { killUnderDeletions } from '../../../soak/kill-deletion.ts'
import { killUnderUndo } from '../../../soak/kill-undo.ts'
import { useServer } from './server.ts'

const { url } = useServer()
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

test(`a server killed while clients write loses nothing and applies nothing twice (seed ${seed})`, async () => {
  const summary = await killUnderWriters({ kills: 4, writers: 16, seed })
  expect(summary.acknowledged).toBeGreaterThan(50)
})

test(`a deletion that is killed is continued or has not begun, and no tenant is seen half deleted (seed ${seed})`, async () => {
  const { whole, resumed, done } = await killUnderDeletions({ rounds: 5, seed })
  expect(whole + resumed + done).toBe(5)
})

test(`an undo that is killed is there as a whole or not at all (seed ${seed})`, async () => {
  const { none, whole } = await killUnderUndo({ rounds: 2, seed })
  expect(none + whole).toBe(2)
})

test(`definitions that change under 16 writers of a server that is killed cost no write, and no 500 (seed ${seed})`, async () => {
  const summary = await changeUnderWriters({ kills: 4, writers: 16, seed })
  expect(summary.acknowledged).toBeGreaterThan(50)
  expect(summary.changed).toBeGreaterThan(2)
})

test(`one order explains everything that concurrent clients saw (seed ${seed})`, async () => {
  expect(await checkHistory({ baseUrl: url(), clients: 8, seconds: 2, seed })).toBeGreaterThan(200)
})

test(`generated requests get correct answers and leave the tenants consistent (seed ${seed})`, async () => {
  const { statuses } = await fuzz({ baseUrl: url(), requests: 1_500, seed })
  expect(statuses[200]).toBeGreaterThan(200)
})

test.skipIf(!canTrace())('every answer is sent after its write is on disk', async () => {
  expect((await traceWrites(20)).answers).toBe(20)
})

test('the trace check detects an answer that is sent too early', () => {
  const [write, flush, answer] = [
    '1 pwrite64(9</d/x.sqlite-wal>, "", 4096, 0) = 4096',
    '1 fdatasync(9</d/x.sqlite-wal>) = 0',
    '1 write(5<socket:[1]>, "HTTP/1.1 201 Created", 300) = 300',
  ]
  expect(judge([write, flush, answer], 1).answers).toBe(1)
  expect(() => judge([write, answer, flush], 1)).toThrow('written')
  expect(() => judge([answer, write, flush], 1)).toThrow('nothing')
})
