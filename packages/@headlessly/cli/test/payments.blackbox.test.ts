// `headlessly payments` and `$.payments` against the server that ships and one that behaves like Stripe.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Headlessly } from '@headlessly/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../../../../apps/headless.ly/src/embedded/launcher.ts'
import { FakeStripe } from '../../../payments.do/test/fake-stripe.ts'
import { type ServedFake, serveFake } from '../../../payments.do/test/serve-fake.ts'
import { makeCli } from './cli.ts'

const fake = new FakeStripe('rk_test_commandline')
const cli = makeCli()
const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-payments-'))
let server: Server
let stripe: ServedFake

beforeAll(async () => {
  stripe = await serveFake(fake)
  server = await startServer({ dataFolder, port: 0, outsideNetworks: ['127.0.0.1/32'], stripeServer: stripe.url })
})

afterAll(async () => {
  await server.stop()
  stripe.close()
  rmSync(dataFolder, { recursive: true, force: true })
})

test('a tenant is connected, synchronized, compared and disconnected by commands and by code', async () => {
  const customer = String(fake.put('customer', { name: 'Ada', email: 'ada@acme.test' })['id'])
  const product = String(fake.put('product', { name: 'Engine', active: true })['id'])
  const recurring = { interval: 'month', interval_count: 1 }
  const price = fake.put('price', { product, unit_amount: 2_500, currency: 'usd', active: true, recurring })
  fake.subscribe({ customer, price: String(price['id']) })
  const run = cli.with({ env: { HEADLESSLY_ENDPOINT: server.url, HEADLESSLY_TENANT: 'pays' } })
  const $ = Headlessly({ endpoint: server.url, tenant: 'pays' })
  await $.Contact.create({ name: 'First' })
  const refused = await run('payments', 'sync')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('not connected to Stripe')])
  const [keyFile, secretFile] = [join(cli.folder, 'key.txt'), join(cli.folder, 'secret.txt')]
  writeFileSync(keyFile, `${fake.key}\n`)
  writeFileSync(secretFile, 'whsec_commandline\n')
  const connected = await run('payments', 'connect', keyFile, '--webhook-secret', secretFile)
  expect({ ...connected, stdout: JSON.parse(connected.stdout) as unknown }).toMatchObject({
    code: 0,
    stdout: { connected: true, mode: 'test', account: 'acct_fake' },
  })
  const ended = async (): Promise<void> =>
    expect.poll(async () => (await $.payments.status()).running, { timeout: 30_000, interval: 100 }).toEqual([])
  await ended()
  expect(await $.Subscription.find({})).toMatchObject([{ status: 'Active', billedBy: 'stripe' }])
  expect(JSON.parse((await run('payments', 'sync', '--dry-run')).stdout)).toMatchObject({ kind: 'Rehearsal' })
  await ended()
  expect(await $.payments.sync({ kind: 'Gaps' })).toMatchObject({ kind: 'Gaps', status: 'Running' })
  await ended()
  const compared = JSON.parse((await run('payments', 'reconcile')).stdout) as { readonly $id: string }
  await ended()
  const ran = await fetch(`${server.url}/~pays/PaymentRun/${compared.$id}?strong=true`)
  expect(await ran.json()).toMatchObject({
    status: 'Succeeded',
    progress: { differences: 0, mrr: { theirs: { USD: 2_500 }, ours: { USD: 2_500 } } },
  })
  const [bought] = await $.Price.find({})
  const pages = { successUrl: 'https://acme.test/thanks', cancelUrl: 'https://acme.test/' }
  const link = await $.payments.checkout({ price: String(bought?.$id), ...pages })
  expect(link).toEqual({ url: 'https://pay.stripe.test/session' })
  expect(await run('payments', 'disconnect')).toMatchObject({ code: 0, stdout: 'disconnected\n' })
  await expect($.payments.status()).rejects.toMatchObject({ code: 'not_connected' })
})
