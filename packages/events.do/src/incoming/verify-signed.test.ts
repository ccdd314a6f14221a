import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import type { SchemeName } from './schemes.ts'
import { type Received, verifySigned } from './verify-signed.ts'

const nowMs = Date.UTC(2026, 0, 1)
const t = String(nowMs / 1_000)
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

function hmac(text: string, encoding: 'hex' | 'base64', key = secret): string {
  return createHmac('sha256', key).update(text).digest(encoding)
}

/** Signs as the documentation of each sender says. */
const signs: Readonly<Record<SchemeName, (body: string, at?: string) => Record<string, string>>> = {
  Standard: (body, at = t) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': at,
    'webhook-signature': `v1,bm9uZQ== ${new Webhook(secret).sign('msg_1', new Date(Number(at) * 1_000), body)}`,
  }),
  GitHub: (body) => ({ 'x-hub-signature-256': `sha256=${hmac(body, 'hex')}` }),
  Stripe: (body, at = t) => ({
    'stripe-signature': `t=${at},v1=${'0'.repeat(64)},v1=${hmac(`${at}.${body}`, 'hex')},v0=x`,
  }),
  Slack: (body, at = t) => ({
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${hmac(`v0:${at}:${body}`, 'hex')}`,
  }),
  Shopify: (body) => ({ 'x-shopify-hmac-sha256': hmac(body, 'base64') }),
  Hmac: (body) => ({ 'x-signature-256': `sha256=${hmac(body, 'hex')}` }),
  Token: () => ({ authorization: `Bearer ${secret}` }),
}
const timed: readonly SchemeName[] = ['Standard', 'Stripe', 'Slack']
const signed = Object.keys(signs).filter((name): name is SchemeName => name !== 'Token')

describe.each(Object.keys(signs) as SchemeName[])('%s', (name) => {
  const proves = (received: Omit<Received, 'nowMs'>, by = secret) => verifySigned(name, by, { ...received, nowMs })

  test('what its sender signs is proved, with any body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (body) => {
        expect(await proves({ body, headers: signs[name](body) })).toMatchObject({ isTimed: timed.includes(name) })
      }),
    )
  })

  test('another secret, a missing header and any other header prove nothing', async () => {
    const body = '{"a":1}'
    const headers = signs[name](body)
    expect(await proves({ body, headers }, 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')).toBeUndefined()
    for (const header of Object.keys(headers)) {
      const { [header]: value = '', ...others } = headers
      expect(await proves({ body, headers: others })).toBeUndefined()
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.string(), fc.constantFrom('', 'v1,', 'sha256=', 'Basic Og==')), async (other) => {
          fc.pre(other !== value)
          expect(await proves({ body, headers: { ...others, [header]: other } })).toBeUndefined()
        }),
        { numRuns: 50 },
      )
    }
  })
})

describe.each(signed)('%s', (name) => {
  test('another body proves nothing, and a repetition is known as one', async () => {
    const headers = signs[name]('{"a":1}')
    for (const body of ['', '{"a":2}', '{"a":1} ', '\ufeff{"a":1}'])
      expect(await verifySigned(name, secret, { body, headers, nowMs })).toBeUndefined()
    const once = await verifySigned(name, secret, { body: '{"a":1}', headers, nowMs })
    const extra = { ...headers, 'x-request-id': 'other' }
    expect(await verifySigned(name, secret, { body: '{"a":1}', headers: extra, nowMs })).toEqual(once)
    expect(once?.delivery).toMatch(/./)
  })
})

test.each(timed)('of %s, a delivery of more than five minutes ago or ahead proves nothing', async (name) => {
  const at = (seconds: number): string => String(nowMs / 1_000 + seconds)
  const proves = async (seconds: number): Promise<boolean> =>
    (await verifySigned(name, secret, { body: 'x', headers: signs[name]('x', at(seconds)), nowMs })) !== undefined
  expect(await Promise.all([-301, -300, 300, 301].map(proves))).toEqual([false, true, true, false])
})

test('a token is also the password of HTTP Basic', async () => {
  const headers = { authorization: `Basic ${btoa(`anybody:${secret}`)}` }
  expect(await verifySigned('Token', secret, { body: '', headers, nowMs })).toBeDefined()
})

test.each([
  ['GitHub', 'x-github-delivery'],
  ['Shopify', 'x-shopify-webhook-id'],
] as const)(
  'an equal delivery of %s with another name is another one, and one with the same name is not',
  async (name, header) => {
    const prove = (delivery: string) =>
      verifySigned(name, secret, { body: '{}', headers: { ...signs[name]('{}'), [header]: delivery }, nowMs })
    const [one, again, other] = [await prove('a'), await prove('a'), await prove('b')]
    expect(one).toMatchObject({ isNamed: true, isTimed: false })
    expect(again).toEqual(one)
    expect(other?.delivery).not.toBe(one?.delivery)
  },
)
