// `headlessly status`, called in process against the server that ships.

import { expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { url, tenant, call } = useServer({ flush: { intervalMs: 3_600_000 } })
const cli = makeCli()

test("shows the server, the tenant, the shortened key and the tenant's content", async () => {
  const t = tenant()
  await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  await call('POST', `/~${t}/Deal`, { name: 'Engine', value: 1 })
  const env = { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: t, HEADLESSLY_API_KEY: 'proxy0123456789AB' }
  const { code, stdout, stderr } = await cli.with({ env })('status')
  expect([code, stderr]).toEqual([0, ''])
  const lines = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t') as [string, string]),
  )
  expect(lines).toMatchObject({
    endpoint: url(),
    tenant: t,
    'api key': 'prox…89AB',
    events: '2',
    files: 'revision 0, 2 events behind',
    outbox: '0 waiting, 0 parked',
    'job flush': expect.stringMatching(/^waiting, until \d{4}-/),
    Contact: '1',
    Deal: '1',
  })
  const json = await cli.with({ env })('status', '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({
    endpoint: url(),
    apiKey: 'prox…89AB',
    $type: 'Status',
    tenant: t,
    entities: { Contact: 1, Deal: 1 },
    files: { seq: 0, revision: 0, lagEvents: 2 },
  })
  expect(lines).not.toHaveProperty('job garbage')
  expect(stdout + json.stdout).not.toContain('0123456789AB')
})

test('shows a tenant named on the command line, without a key', async () => {
  const t = tenant()
  const { code, stdout } = await cli.with({ env: { HEADLESSLY_ENDPOINT: url() } })('status', t)
  expect(code).toBe(0)
  expect(stdout).toContain(`tenant\t${t}\napi key\tnone\nevents\t0\noldest\tnone\n`)
})

test('ends with exit code 1 without a server, and with 2 without a tenant', async () => {
  const nowhere = await cli.with({ env: { HEADLESSLY_ENDPOINT: 'http://127.0.0.1:9' } })('status', 'acme')
  expect([nowhere.code, nowhere.stdout]).toEqual([1, ''])
  expect((await cli.with({ env: { HEADLESSLY_ENDPOINT: url() } })('status')).code).toBe(2)
})
