import { expect, test } from 'vitest'
import { senderAddress } from './sender-address.ts'

const from = (clientIp: string, forwarded?: string, proxies?: string): string =>
  senderAddress(
    { cf: { clientIp }, headers: new Headers(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) },
    proxies === undefined ? {} : { TRUSTED_PROXIES: proxies },
  )

test('the sender is who has connected, whatever the request says', () => {
  expect(from('203.0.113.9:50123')).toBe('203.0.113.9')
  expect(from('[2001:db8::1]:50123')).toBe('2001:db8::1')
  expect(from('203.0.113.9:50123', '192.0.2.1')).toBe('203.0.113.9')
  expect(from('203.0.113.9:50123', '192.0.2.1', '10.0.0.1')).toBe('203.0.113.9')
})

test('behind a configured proxy the sender is the last address that is no proxy, so a sender cannot choose one', () => {
  expect(from('10.0.0.1:50123', '192.0.2.1', '10.0.0.1')).toBe('192.0.2.1')
  expect(from('10.0.0.1:50123', '6.6.6.6, 192.0.2.1', '10.0.0.1')).toBe('192.0.2.1')
  expect(from('10.0.0.1:50123', '192.0.2.1, 10.0.0.2', '10.0.0.1, 10.0.0.2')).toBe('192.0.2.1')
  expect(from('10.0.0.1:50123', undefined, '10.0.0.1')).toBe('10.0.0.1')
})

test('on Cloudflare the platform names the sender, and nothing else does', () => {
  const headers = new Headers({ 'cf-connecting-ip': '192.0.2.1', 'x-forwarded-for': '6.6.6.6' })
  expect(senderAddress({ headers }, { VERSION: { id: 'v' } })).toBe('192.0.2.1')
  expect(senderAddress({ headers }, {})).toBe('')
})
