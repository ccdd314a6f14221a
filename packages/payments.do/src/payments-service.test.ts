import { testService } from '@dotdo/service/suite'
import { paymentNouns } from 'digital-objects'
import { expect, test } from 'vitest'
import { paymentsService } from './payments-service.ts'

testService(
  paymentsService({
    send: () => Promise.reject(new Error('nothing is sent at start')),
    server: undefined,
    now: () => 0,
  }),
)

test('each of its Nouns says that the service brings it', () => {
  for (const { $schema } of Object.values(paymentNouns)) expect($schema.service).toBe('payments.do')
})
