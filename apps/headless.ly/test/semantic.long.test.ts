// A model of vectors that never answers: searches say so in the end, and nothing else of the tenant waits for it.

import { afterAll, expect, test, vi } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'
import { ModelServer } from './model-server.ts'
import { useServer } from './server.ts'
import { certificate } from './smtp/smtp-sink.ts'

const models = new ModelServer()
const address = await models.start()
const { call, tenant } = useServer({
  start: (dataFolder) =>
    startServer({
      dataFolder,
      port: 0,
      outsideNetworks: ['127.0.0.1/32'],
      outsideAuthorities: [certificate],
      flush: JSON.stringify({ intervalMs: 200 }),
    }),
})
afterAll(() => models.stop())

test('a model that hangs holds up neither writes nor the flush, and a search ends', { timeout: 60_000 }, async () => {
  const at = `/~${tenant()}`
  models.reply = () => new Promise(() => {})
  const model = { server: address, model: 'small', embeddings: { model: 'words' } }
  expect((await call('PATCH', `${at}/settings`, { model })).status).toBe(200)
  await call('POST', `${at}/Ticket`, { subject: 'The car does not start' })
  await vi.waitFor(() => expect(models.received).toHaveLength(1), { timeout: 20_000, interval: 20 })
  const startMs = Date.now()
  const searching = call('POST', `${at}/semantic`, { query: 'car' })
  // The request of the index is on its way for 15 s.
  for (let number = 0; number < 3; number++) {
    const { body, status } = await call('POST', `${at}/Ticket`, { subject: `number ${number}` })
    expect(status).toBe(201)
    await vi.waitFor(
      async () => {
        const { files } = (await call('GET', `${at}/status`)).body as { readonly files: { readonly lagEvents: number } }
        expect([body['subject'], files.lagEvents]).toEqual([`number ${number}`, 0])
      },
      { timeout: 10_000, interval: 50 },
    )
  }
  expect(Date.now() - startMs).toBeLessThan(14_000)
  expect(await searching).toMatchObject({ status: 503, body: { code: 'overloaded', field: 'model' } })
})
