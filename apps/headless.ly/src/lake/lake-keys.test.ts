import { expect, test } from 'vitest'
import { holderOfKey, lakeKeysOf } from './lake-keys.ts'
import { isLakeToken, issueToken, holderOfToken, parseTokenSeconds } from './lake-token.ts'

const serverSecret = 'a secret'
const nowMs = Date.UTC(2026, 10, 24)

test.each(['acme', 'a1', 'acme-eu-2', '1-2', 'x-x', 'a'.repeat(64)])(
  'an access key id contains its tenant: %s',
  async (tenant) => {
    const { accessKeyId, secretAccessKey } = await lakeKeysOf({ serverSecret, tenant })
    expect(accessKeyId).toMatch(/^[A-Za-z0-9]{5,128}$/)
    expect(secretAccessKey).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(holderOfKey(accessKeyId)).toEqual({ tenant })
  },
)

test('keys are deterministic, and differ by tenant and server', async () => {
  const keys = await lakeKeysOf({ serverSecret, tenant: 'acme' })
  expect(await lakeKeysOf({ serverSecret, tenant: 'acme' })).toEqual(keys)
  const others = [
    await lakeKeysOf({ serverSecret, tenant: 'acme-2' }),
    await lakeKeysOf({ serverSecret: 'another', tenant: 'acme' }),
  ]
  for (const other of others) expect(other.secretAccessKey).not.toBe(keys.secretAccessKey)
  // Changing this value would lock every client out.
  expect(keys).toEqual({ accessKeyId: 'HLYacme', secretAccessKey: 'UcikBSgWsb-5P13nC5nMfw5ZhpA77j3mad8C_41UFn4' })
})

test.each([
  '',
  'HLY',
  'HLYa',
  'HLYAcme',
  'HLYXacme',
  'HLYacmeX',
  'HLYac/me',
  'acme',
  'hlyacme',
  `HLY${'a'.repeat(65)}`,
])('an id that was never issued has no tenant: %s', (id) => {
  expect(holderOfKey(id)).toBeUndefined()
})

test('an invalid slug gets no keys', async () => {
  await expect(lakeKeysOf({ serverSecret, tenant: 'Acme/..' })).rejects.toThrow("is not a tenant's slug")
})

test('a server without a secret gives no keys', async () => {
  await expect(lakeKeysOf({ serverSecret: '', tenant: 'acme' })).rejects.toThrow('no secret')
})

const tokenSeconds = 90

test('a setting says for how long tokens are valid, and a wrong one is named', () => {
  expect([undefined, '10', '86400'].map(parseTokenSeconds)).toEqual([3_600, 10, 86_400])
  for (const wrong of ['', '9', '86401', '-60', '1e3', '60.5', 'an hour'])
    expect(() => parseTokenSeconds(wrong), wrong).toThrow('LAKE_TOKEN_SECONDS: expected 10 to 86400 seconds')
})

test('a token is valid for its tenant until it expires', async () => {
  const keys = await lakeKeysOf({ serverSecret, tenant: 'acme' })
  const token = (await issueToken({ serverSecret, ...keys, nowMs, tokenSeconds })) ?? ''
  expect(isLakeToken(token)).toBe(true)
  const tenantAt = async (atMs: number): Promise<string | undefined> =>
    (await holderOfToken({ serverSecret, token, nowMs: atMs }))?.tenant
  expect(await tenantAt(nowMs + tokenSeconds * 1000 - 1)).toBe('acme')
  expect(await tenantAt(nowMs + tokenSeconds * 1000)).toBeUndefined()
})

test('a modified token is invalid', async () => {
  const keys = await lakeKeysOf({ serverSecret, tenant: 'acme' })
  const [id = '', end = '', signature = ''] = (
    (await issueToken({ serverSecret, ...keys, nowMs, tokenSeconds })) ?? ''
  ).split('.')
  const changed = [
    `HLYother.${end}.${signature}`,
    `${id}.${Number(end) + 1}.${signature}`,
    `${id}.${end}.${'A'.repeat(43)}`,
  ]
  for (const token of changed) {
    expect(isLakeToken(token)).toBe(true)
    expect(await holderOfToken({ serverSecret, token, nowMs })).toBeUndefined()
  }
})

test('no token is issued for a wrong secret or an unknown id', async () => {
  const { accessKeyId, secretAccessKey } = await lakeKeysOf({ serverSecret, tenant: 'acme' })
  expect(await issueToken({ serverSecret, accessKeyId, secretAccessKey: 'x', nowMs, tokenSeconds })).toBeUndefined()
  expect(
    await issueToken({ serverSecret, accessKeyId: 'HLYother', secretAccessKey, nowMs, tokenSeconds }),
  ).toBeUndefined()
  expect(await issueToken({ serverSecret, accessKeyId: 'AKIA', secretAccessKey, nowMs, tokenSeconds })).toBeUndefined()
})

test('keys of a principal name it, differ from those of others, and are tokens for it', async () => {
  const holder = { tenant: 'acme-2', principal: 'apikey_1VbZ0kQ3x9Ta' }
  const keys = await lakeKeysOf({ serverSecret, ...holder })
  expect(keys.accessKeyId).toMatch(/^[A-Za-z0-9]+$/)
  expect(holderOfKey(keys.accessKeyId)).toEqual(holder)
  const others = [{ tenant: 'acme-2' }, { ...holder, principal: 'apikey_1VbZ0kQ3x9Tb' }, { ...holder, tenant: 'acme' }]
  for (const other of others) {
    const { accessKeyId, secretAccessKey } = await lakeKeysOf({ serverSecret, ...other })
    expect(secretAccessKey).not.toBe(keys.secretAccessKey)
    expect(
      await issueToken({ serverSecret, accessKeyId, secretAccessKey: keys.secretAccessKey, nowMs, tokenSeconds }),
    ).toBeUndefined()
    expect(accessKeyId).not.toBe(keys.accessKeyId)
  }
  const token = (await issueToken({ serverSecret, ...keys, nowMs, tokenSeconds })) ?? ''
  expect(isLakeToken(token)).toBe(true)
  expect(await holderOfToken({ serverSecret, token, nowMs })).toEqual(holder)
})
