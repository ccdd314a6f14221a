import { testService } from '@dotdo/service/suite'
import { expect, test } from 'vitest'
import { paymentsService } from './payments-service.ts'

const payments = paymentsService({
  send: () => Promise.reject(new Error('nothing is sent at start')),
  server: undefined,
  now: () => 0,
})

testService(payments)

test('each of its Nouns says that the service brings it, so that one that a tenant has had stays its own', () => {
  for (const { name, service } of payments.nouns ?? [])
    expect({ name, service }).toEqual({ name, service: 'payments.do' })
})
