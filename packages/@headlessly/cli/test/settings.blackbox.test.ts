// `headlessly settings`, called in process against the server that ships.

import { expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { url, tenant } = useSharedServer()
const cli = makeCli()

test('shows and changes the settings of a tenant', async () => {
  const run = cli.with({ env: { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: tenant() } })
  expect((await run('settings')).stdout).toContain('timeZone\tUTC\n')
  expect((await run('settings', 'timeZone', 'Europe/Berlin')).stdout).toBe('timeZone\tEurope/Berlin\n')
  const hours = await run('settings', 'businessHours', '{"monday":"09:00-17:00"}', '--json')
  expect(JSON.parse(hours.stdout)).toEqual({ businessHours: { monday: '09:00-17:00' } })
  const tried = await run('settings', 'currency', 'EUR', '--dry-run')
  expect([tried.code, tried.stdout]).toEqual([0, expect.stringContaining('Settings.Updated')])
  expect((await run('settings', 'currency')).stdout).toBe('currency\tUSD\n')
  expect((await run('settings', 'timeZone', 'null')).stdout).toBe('timeZone\tUTC\n')
  const refused = await run('settings', 'timezone', 'UTC')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("did you mean 'timeZone'?")])
})
