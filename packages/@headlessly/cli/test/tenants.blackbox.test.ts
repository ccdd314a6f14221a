// `headlessly tenants`, called in process against the server that ships.

import { expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { url, tenant, call } = useServer()
const cli = makeCli()

test('tenants are listed, and one is deleted after a dry run and with its name repeated', async () => {
  const env = { HEADLESSLY_ENDPOINT: url() }
  const [name, other] = [tenant(), tenant()]
  for (const one of [name, other]) await call('POST', `/~${one}/Contact`, { name: 'Ada' })
  const list = async (): Promise<readonly string[]> => {
    const { code, stdout } = await cli.with({ env })('tenants', '--json')
    expect(code).toBe(0)
    return (JSON.parse(stdout) as { name: string }[]).map((row) => row.name)
  }
  expect(await list()).toEqual([name, other].toSorted())

  const planned = await cli.with({ env })('tenants', 'delete', name, '--dry-run')
  expect([planned.code, planned.stdout]).toEqual([
    0,
    expect.stringMatching(/^would remove .*: 1 events, 1 entities, \d+ files of \d+ bytes\n$/),
  ])
  const unconfirmed = await cli.with({ env })('tenants', 'delete', name)
  expect([unconfirmed.code, unconfirmed.stderr]).toEqual([2, expect.stringContaining(`--confirm ${name}`)])
  expect(await list()).toContain(name)

  const deleted = await cli.with({ env })('tenants', 'delete', name, '--confirm', name)
  expect([deleted.code, deleted.stdout]).toEqual([0, expect.stringMatching(/^deleted .*: 1 events/)])
  expect(await list()).toEqual([other])
  const again = await cli.with({ env })('tenants', 'delete', name, '--confirm', name)
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining(`there is no tenant '${name}'`)])
})
