// `headlessly tenants`, called in process against the server that ships.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from '../../../../apps/headless.ly/src/embedded/launcher.ts'
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

test("the operator's key lists, loads and backs up tenants of a server that requires a sign-in, and opens none", async () => {
  const source = tenant()
  await call('POST', `/~${source}/Contact`, { name: 'Ada' })
  const body = await (await fetch(`${url()}/~${source}/archive`)).arrayBuffer()
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-operator-'))
  const closed = await startServer({ dataFolder, port: 0, requireSignIn: true })
  try {
    const key = readFileSync(join(dataFolder, 'operator-key'), 'utf8').trim()
    const send = (path: string, proof: string, sent: RequestInit = {}): Promise<number> =>
      fetch(closed.url + path, {
        ...sent,
        headers: { 'content-type': 'application/x-tar', ...(proof === '' ? {} : { authorization: `Bearer ${proof}` }) },
      }).then(({ status }) => status)
    const load = (proof: string): Promise<number> => send('/tenants/moved/archive', proof, { method: 'POST', body })
    const other = `hly_op_${'0'.repeat(43)}`
    for (const wrong of ['', other, key.slice(0, -1), `hly_sk_${'0'.repeat(43)}`])
      expect([await load(wrong), await send('/tenants', wrong)]).toEqual([401, 401])
    expect(await load(key)).toBe(200)
    for (const path of ['/~moved/Contact', '/~moved/lake', '/~moved/archive', '/account'])
      expect([path, await send(path, key)]).toEqual([path, 401])

    const operator = cli.with({ env: { HEADLESSLY_ENDPOINT: closed.url, HEADLESSLY_API_KEY: key } })
    expect(await operator('tenants')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^moved\t/) as unknown })
    expect(await operator('backup')).toMatchObject({ code: 0, stdout: 'moved\t1\tin files\n' })
    const without = cli.with({ env: { HEADLESSLY_ENDPOINT: closed.url } })
    for (const command of ['tenants', 'backup']) expect((await without(command)).code).toBe(1)
    // A server that requires no sign-in has no such key.
    const open = cli.with({ env: { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_API_KEY: key } })
    expect(await open('tenants')).toMatchObject({ code: 1, stdout: '' })
    expect((await operator('tenants', 'delete', 'moved', '--confirm', 'moved')).code).toBe(0)
  } finally {
    await closed.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
})
