// Changes of the ways in which a person signs in: they need a fresh sign-in, and are in the audit log.

import { env, runInDurableObject } from 'cloudflare:test'
import { AuditLog, auditTable } from '@dotdo/do'
import { expect, test } from 'vitest'
import type { DirectoryStub, Outcome } from './directory-stub.ts'
import { upgradeDirectoryTables } from './directory-tables.ts'
import { codeOf } from './one-time-codes.ts'
import { SecondFactors } from './second-factors.ts'

const device = { agent: 'test', address: '192.0.2.7' }
const email = 'ada@example.com'
const password = 'correct horse battery'
const site = { origin: 'http://localhost', rpId: 'localhost' }
let directories = 0

async function claim(): Promise<{ directory: DirectoryStub & DurableObjectStub; secret: string }> {
  const directory = env.DIRECTORY.getByName(`changes-${++directories}`)
  const { secret } = valueOf(await directory.takeOwnerLink({ code: 'the-owner', name: 'Ada', email, device }))
  return { directory, secret }
}

function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value
  throw new Error(outcome.error.message)
}

/** Every change of a way to sign in. */
const changes = (directory: DirectoryStub, secret: string): readonly (() => Promise<Outcome<unknown>>)[] => [
  () => directory.setPassword(secret, { password: 'another long password', current: password }),
  () => directory.passkeyOptions(secret, site),
  () => directory.addPasskey(secret, { response: '{}', site, device }),
  () => directory.removePasskey(secret, 'x'),
  () => directory.beginSecondFactor(secret),
  () => directory.endSecondFactor(secret, '000000'),
  () => directory.beginUpstream({ redirectUri: 'http://localhost/sign-in/callback', secret }),
  () => directory.unlinkUpstream(secret),
]

test('a browser that was signed in a while ago changes no way to sign in, and a new sign-in does', async () => {
  const { directory, secret } = await claim()
  const age = (): Promise<void> =>
    runInDurableObject(directory, (_, { storage }) => {
      storage.sql.exec('UPDATE sessions SET created_at = created_at - ?', 16 * 60_000)
    })
  await age()
  // Without a way to sign in, there is nothing to sign in with again.
  valueOf(await directory.setPassword(secret, { password, current: '' }))
  for (const change of changes(directory, secret)) {
    const outcome = await change()
    expect(outcome.ok ? 'done' : [outcome.error.code, outcome.error.field]).toEqual(['forbidden', 'session'])
  }
  expect(valueOf(await directory.securityOf(secret))).toMatchObject({ hasPassword: true, hasSecondFactor: false })
  const asked = { email, password, otp: undefined, device }
  const fresh = valueOf(await directory.signInByPassword(asked)).secret
  expect((await directory.passkeyOptions(fresh, site)).ok).toBe(true)
  valueOf(await directory.setPassword(fresh, { password: 'another long password', current: password }))
})

test('sign-ins, their refusals and changes are in the audit log, which owners read, without any secret', async () => {
  const { directory, secret } = await claim()
  valueOf(await directory.setPassword(secret, { password, current: '' }))
  for (const wrong of [email, 'nobody@example.com'])
    await directory.signInByPassword({ email: wrong, password: 'a wrong password', otp: undefined, device })
  await directory.recover('a guessed code', device)
  const { code } = await directory.invite({ tenant: 'acme', user: 'user_1', email: 'bo@example.com' })
  const accepted = await directory.acceptInvitation({ code, secret: undefined, name: 'Bo', device })
  const other = valueOf(accepted)
  valueOf(await directory.endSession(other.secret))

  const [me] = valueOf(await directory.securityOf(secret)).sessions
  const entries = valueOf(await directory.audit(secret, { limit: 50 })).toReversed()
  const ada = me?.account
  expect(entries).toMatchObject([
    { kind: 'signed_in', actor: ada, about: "the operator's link" },
    { kind: 'account_changed', actor: ada, about: 'the password was set' },
    { kind: 'sign_in_refused', about: 'a password', target: ada },
    { kind: 'sign_in_refused', about: 'a password' },
    { kind: 'sign_in_refused', about: 'a link to recover the account' },
    { kind: 'signed_in', actor: other.account.id, about: 'an invitation' },
    { kind: 'signed_out', actor: other.account.id, key: expect.stringMatching(/^session_/) },
  ])
  expect(entries[3]).not.toHaveProperty('target')
  const text = JSON.stringify(entries)
  for (const one of [secret, other.secret, code, password, 'a wrong password', 'a guessed code', email, device.address])
    expect(text).not.toContain(one)
  const member = valueOf(await directory.claimTrial(await trialOf(directory, 'eve@example.com')))
  expect(await directory.audit(member.secret, { limit: 5 })).toMatchObject({ ok: false, error: { code: 'forbidden' } })
  expect(await directory.audit('nobody', { limit: 5 })).toMatchObject({ ok: false, error: { code: 'unauthorized' } })
})

async function trialOf(directory: DirectoryStub, address: string) {
  const { tenant } = valueOf(await directory.beginTrial('192.0.2.8'))
  const { code } = valueOf(await directory.offerTrial(tenant))
  return { code, secret: undefined, newcomer: { name: 'Eve', email: address }, device }
}

test('secrets of authenticator apps are encrypted again with a new key, and still count', async () => {
  await runInDurableObject(env.BARE.getByName('sealed-again'), async (_, { storage: { sql } }) => {
    upgradeDirectoryTables(sql, auditTable)
    const random = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count))
    const [first, second] = [random(32).slice(), random(32).slice()]
    let nowMs = Date.UTC(2026, 0, 1)
    const with_ = (newest: number, bytes: ReadonlyMap<number, Uint8Array<ArrayBuffer>>): SecondFactors =>
      new SecondFactors({ sql, random, now: () => nowMs, keys: { newest, bytes } })
    const before = with_(1, new Map([[1, new Uint8Array(first)]]))
    const secrets = new Map<string, string>()
    for (const account of ['ada', 'bo', 'cy']) {
      secrets.set(account, (await before.begin(account, account)).secret)
      await before.confirm(account, await codeAt(secrets.get(account) ?? '', nowMs))
    }
    const both = new Map([
      [1, new Uint8Array(first)],
      [2, new Uint8Array(second)],
    ])
    await with_(2, both).sealAgain()
    const sealed = sql.exec<{ sealed: string }>('SELECT sealed FROM second_factors').toArray()
    expect(sealed.map(({ sealed: text }) => text.split('.')[0])).toEqual(['2', '2', '2'])
    // The old key is not needed any more.
    const after = with_(2, new Map([[2, new Uint8Array(second)]]))
    await after.sealAgain()
    nowMs += 60_000
    for (const [account, secret] of secrets) await after.require(account, await codeAt(secret, nowMs))
    // A row that no key opens stays, and the others are not held up.
    sql.exec("UPDATE second_factors SET sealed = '7.00.00' WHERE account = 'ada'")
    await with_(3, new Map([...both, [3, new Uint8Array(first)]])).sealAgain()
    const numbers = sql.exec<{ sealed: string }>('SELECT sealed FROM second_factors ORDER BY account').toArray()
    expect(numbers.map(({ sealed: text }) => text.split('.')[0])).toEqual(['7', '3', '3'])
  })
})

function codeAt(secret: string, nowMs: number): Promise<string> {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  return codeOf(Uint8Array.from(bytes), Math.floor(nowMs / 30_000))
}

test('a directory of version 1 is upgraded with its people, and one of a later version is refused', async () => {
  await runInDurableObject(env.BARE.getByName('upgraded'), (_, { storage: { sql } }) => {
    upgradeDirectoryTables(sql, auditTable)
    sql.exec("INSERT INTO accounts VALUES ('person_1', 'Ada', 'ada@example.com', 1, 0)")
    for (const table of ['trials', 'used_tokens', 'audit_entries']) sql.exec(`DROP TABLE ${table}`)
    sql.exec("UPDATE meta SET value = '1' WHERE key = 'schema'")
    upgradeDirectoryTables(sql, auditTable)
    expect(sql.exec('SELECT name FROM accounts').toArray()).toEqual([{ name: 'Ada' }])
    expect(sql.exec('SELECT count(*) AS count FROM trials').one()).toEqual({ count: 0 })
    new AuditLog({ sql, now: Date.now }).record({ kind: 'signed_in', about: 'x' })
    sql.exec("UPDATE meta SET value = '3' WHERE key = 'schema'")
    expect(() => upgradeDirectoryTables(sql, auditTable)).toThrow('the directory has schema version 3')
  })
})
