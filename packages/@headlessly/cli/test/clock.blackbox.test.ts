// `headlessly clock`, called in process against the server that ships.

import { expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { url, tenant } = useSharedServer()
const cli = makeCli()

test('shows, sets and advances the clock of a test tenant', async () => {
  const env = { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: tenant() }
  const run = cli.with({ env })
  expect((await run('clock')).stdout).toContain('clock\tserver\n')
  expect((await run('clock', '--now', '2026-01-01T00:00:00Z')).stdout).toBe(
    'now\t2026-01-01T00:00:00.000Z\nclock\ttest\n',
  )
  const advanced = await run('clock', '--advance', 'P1M', '--json')
  expect([advanced.code, JSON.parse(advanced.stdout)]).toEqual([
    0,
    { now: '2026-02-01T00:00:00.000Z', isTest: true, advancingTo: null, ran: {} },
  ])
})

test('refuses both flags at once, and says what the server refuses', async () => {
  const env = { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: tenant() }
  const both = await cli.with({ env })('clock', '--now', '2026-01-01T00:00:00Z', '--advance', 'P1M')
  expect([both.code, both.stdout]).toEqual([2, ''])
  const refused = await cli.with({ env })('clock', '--advance', 'P1M')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('test tenant')
})
