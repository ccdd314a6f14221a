// Code next to the data that takes longer than it may, in the processes of the server that ships.

import { expect, test } from 'vitest'
import { useServer } from './server.ts'

const { call, tenant } = useServer()

test(
  'a run that is not atomic is reported after 10 s, and its later calls have no effect',
  { timeout: 40_000 },
  async () => {
    const acme = tenant()
    const pause = 'new Promise((done) => setTimeout(done, 250))'
    const { status, body } = await call('POST', `/~${acme}/do`, {
      code: `async ($) => { for (;;) { await ${pause}; await $.Contact.create({ name: 'x' }) } }`,
      atomic: false,
    })
    expect(status).toBe(408)
    expect(body).toMatchObject({ code: 'timeout', field: 'code' })
    const count = async (): Promise<unknown> => (await call('GET', `/~${acme}/Contact/count?strong=true`)).body['count']
    const counted = await count()
    expect(counted).toBeGreaterThan(10)
    await new Promise((done) => setTimeout(done, 1_000))
    expect(await count()).toBe(counted)
  },
)

test('an atomic run that takes more than 5 s leaves nothing', { timeout: 40_000 }, async () => {
  const acme = tenant()
  await call('POST', `/~${acme}/Contact`, { name: 'a' })
  const code = `async ($) => {
    await $.Contact.create({ name: 'x' })
    await new Promise((done) => setTimeout(done, 5_200))
    await $.Contact.count()
  }`
  const { status, body } = await call('POST', `/~${acme}/do`, { code })
  expect(status).toBe(408)
  expect(body).toMatchObject({ code: 'timeout', detail: expect.stringContaining('nothing was written') })
  expect((await call('GET', `/~${acme}/Contact/count?strong=true`)).body['count']).toBe(1)
})
