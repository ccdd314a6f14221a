// The `status` of a job that fails and recovers, on the shipped server.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { killUnderJobs } from '../../../soak/kill-jobs.ts'
import { killServer } from '../../../soak/kill-server.ts'
import { useServer } from './server.ts'

const { call, dataFolder, server, tenant } = useServer({ flush: { intervalMs: 100 } })

interface Job {
  readonly name: string
  readonly state: string
  readonly failure: { readonly message: string; readonly attempts: number; readonly nextTry: string } | null
}

async function flushJob(t: string): Promise<Job | undefined> {
  const { body } = await call('GET', `/~${t}/status`)
  return (body['jobs'] as Job[]).find(({ name }) => name === 'flush')
}

test('a flush that fails says why and when it is retried, also after the server is killed, and goes on by itself', async () => {
  const t = tenant()
  // No folder can be made where a file is.
  const obstacle = join(dataFolder, 'lake', t)
  writeFileSync(obstacle, '')
  await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  await expect
    .poll(async () => (await flushJob(t))?.failure?.attempts ?? 0, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(2)
  const failing = await flushJob(t)
  expect(failing).toMatchObject({ state: expect.stringMatching(/^(failing|running)$/) })
  expect(failing?.failure?.message).toContain(t)
  expect(Date.parse(failing?.failure?.nextTry ?? '')).toBeGreaterThan(Date.now() - 60_000)
  await killServer(server())
  expect((await flushJob(t))?.failure?.attempts ?? 0).toBeGreaterThanOrEqual(2)
  rmSync(obstacle)
  await expect
    .poll(async () => (await call('GET', `/~${t}/status`)).body['files'], { timeout: 30_000 })
    .toMatchObject({ seq: 1, lagEvents: 0 })
  await expect.poll(() => flushJob(t)).toMatchObject({ state: 'idle', failure: null })
})

test('each call of a schedule is made once, by itself, while the server is killed again and again', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
  expect(await killUnderJobs({ rounds: 1, seed })).toEqual({ calls: 80, kills: 3 })
})
