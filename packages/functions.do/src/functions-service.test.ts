import { testService } from '@dotdo/service/suite'
import { expect, test } from 'vitest'
import { functionsService } from './functions-service.ts'

const service = functionsService({ programs: () => Promise.resolve({ run: 'export {}', check: 'export {}' }) })

testService(service)

test('without a Worker Loader the route says which binding is missing', async () => {
  const [route] = service.routes ?? []
  const request = {
    parameters: {},
    tenant: 'acme',
    context: 'http://localhost/~acme',
    bindings: {},
    body: () => Promise.resolve('{"code":"() => 1"}'),
    async *bytes() {},
    rawBody: () => Promise.resolve(new Uint8Array()),
    command: () => Promise.resolve(null),
    files: undefined,
    header: () => undefined,
    waitUntil: () => {},
    answerMessage: () => Promise.resolve([]),
    openProgram: () => {
      throw new Error('no program is opened')
    },
    findRun: () => Promise.resolve({ bookmark: 'a.0' }),
    describeError: () => ({ status: 500 }),
  }
  await expect(route?.answer(request)).rejects.toMatchObject({
    code: 'not_configured',
    field: 'LOADER',
    message: expect.stringContaining('Worker Loader'),
  })
})
