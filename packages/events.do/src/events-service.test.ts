import { testService } from '@dotdo/service/suite'
import { expect, test } from 'vitest'
import { addressFault } from './webhooks/outlet.ts'
import { formatSecret, isSecret } from './webhooks/sign.ts'
import { eventsService } from './events-service.ts'

testService(eventsService({ random: (count) => crypto.getRandomValues(new Uint8Array(count)), now: Date.now }))

test('a secret has the form of the specification', () => {
  expect(isSecret(formatSecret(new Uint8Array(32)))).toBe(true)
  for (const text of ['', 'whsec_', 'whsec_!', `whsec_${btoa('short')}`, formatSecret(new Uint8Array(65))])
    expect(isSecret(text), text).toBe(false)
})

test('events go to https, and in plain text only inside of a network that the operator opens', () => {
  expect(addressFault(new URL('https://example.com/'))).toBeUndefined()
  expect(addressFault(new URL('http://10.0.0.1/'))).toBeUndefined()
  for (const url of ['http://example.com/', 'ftp://10.0.0.1/', 'file:///etc/passwd'])
    expect(addressFault(new URL(url)), url).toBe('expects an https URL')
  expect(addressFault(new URL('https://ada:secret@example.com/'))).toContain('without a user')
})
