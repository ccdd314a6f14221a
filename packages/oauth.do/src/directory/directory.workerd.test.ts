// Passwords, second factors and their limits, as the directory keeps them.

import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test, vi } from 'vitest'
import { Attempts } from './attempts.ts'
import type { DirectoryStub, Outcome } from './directory-stub.ts'
import { codeOf } from './one-time-codes.ts'
import { Owed } from './owed.ts'
import { Passwords } from './passwords.ts'

const device = { agent: 'test', address: '' }
const email = 'ada@example.com'
const password = 'correct horse battery'
let directories = 0

interface Claimed {
  readonly directory: DirectoryStub
  readonly secret: string
}

async function claim(): Promise<Claimed> {
  const directory = env.DIRECTORY.getByName(`directory-${++directories}`)
  const { secret } = valueOf(await directory.takeOwnerLink({ code: 'the-owner', name: 'Ada', email, device }))
  return { directory, secret }
}

function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value
  throw new Error(outcome.error.message)
}

function refusalOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'none' : `${outcome.error.code} ${outcome.error.message}`
}

const signIn = (directory: DirectoryStub, given: { email?: string; password?: string; otp?: string } = {}) =>
  directory.signInByPassword({ email, password, otp: undefined, device, ...given })

test('a person signs in by a password, whose change ends the other sessions', async () => {
  const { directory, secret } = await claim()
  expect(refusalOf(await directory.setPassword(secret, { password: 'short', current: '' }))).toContain('10 to 1000')
  valueOf(await directory.setPassword(secret, { password, current: '' }))
  const other = valueOf(await signIn(directory, { email: ' ADA@example.com ' }))
  expect((await directory.personOf(other.secret))?.account.email).toBe(email)
  const changed = 'another horse'
  expect(refusalOf(await directory.setPassword(secret, { password: changed, current: 'wrong wrong wrong' }))).toContain(
    'forbidden',
  )
  valueOf(await directory.setPassword(secret, { password: changed, current: password }))
  expect(await directory.personOf(other.secret)).toBeNull()
  expect(await directory.personOf(secret)).not.toBeNull()
  expect(refusalOf(await signIn(directory))).toContain('unauthorized')
  valueOf(await signIn(directory, { password: changed }))
})

test('attack: neither words nor work tell whether an account exists or has a password (timing)', async () => {
  const { directory, secret } = await claim()
  const without = refusalOf(await signIn(directory))
  const unknown = refusalOf(await signIn(directory, { email: 'nobody@example.com' }))
  valueOf(await directory.setPassword(secret, { password, current: '' }))
  const wrong = refusalOf(await signIn(directory, { password: 'wrong wrong wrong' }))
  expect(new Set([without, unknown, wrong]).size).toBe(1)
  await runInDurableObject(env.BARE.getByName('passwords'), async (_object, { storage: { sql } }) => {
    sql.exec('CREATE TABLE passwords (account TEXT PRIMARY KEY, salt BLOB NOT NULL, hash BLOB NOT NULL)')
    const hash = vi.fn(async (text: string) => new Uint8Array(32).fill(text.length).buffer)
    const passwords = new Passwords({ sql, hash, random: (count) => new Uint8Array(count) })
    await passwords.set('ada', password)
    const tries = [
      ['ada', password, true],
      ['ada', 'wrong', false],
      ['bob', password, false],
      [undefined, password, false],
      [undefined, '', false],
    ] as const
    for (const [account, text, isRight] of tries) {
      hash.mockClear()
      expect(await passwords.isRight(account, text)).toBe(isRight)
      expect(hash).toHaveBeenCalledTimes(1)
    }
  })
})

test('attack: guesses at the same time count like guesses one after another, and slow only their account', async () => {
  const { directory, secret } = await claim()
  valueOf(await directory.setPassword(secret, { password, current: '' }))
  const guesses = Array.from({ length: 12 }, (_, at) => signIn(directory, { password: `guess number ${at}` }))
  // The right password has to wait too, and other accounts do not. A slow machine takes longer for the guesses than the delay.
  const later = [signIn(directory), signIn(directory, { email: 'bob@example.com' })]
  const refusals = (await Promise.all(guesses)).map(refusalOf)
  expect(refusals.filter((refusal) => refusal.startsWith('unauthorized'))).toHaveLength(5)
  expect(refusals.filter((refusal) => refusal.startsWith('overloaded'))).toHaveLength(7)
  const [right, other] = (await Promise.all(later)).map(refusalOf)
  expect(right).toContain('too many attempts')
  expect(other).toContain('unauthorized')
})

test('delays double up to a quarter of an hour, and end a day after the last attempt', async () => {
  await runInDurableObject(env.BARE.getByName('attempts'), async (_object, { storage: { sql } }) => {
    sql.exec('CREATE TABLE attempts (subject TEXT PRIMARY KEY, attempts INTEGER, due INTEGER, seen INTEGER)')
    let nowMs = 1_000_000
    const attempts = new Attempts(sql, () => nowMs)
    const subject = { kind: 'account', name: email } as const
    const waits: number[] = []
    for (let attempt = 0; attempt < 20; attempt++) {
      const startMs = nowMs
      for (let isBegun = false; !isBegun; nowMs += isBegun ? 0 : 1_000)
        try {
          attempts.begin([subject])
          isBegun = true
        } catch {
          // Waits for another second.
        }
      waits.push((nowMs - startMs) / 1_000)
    }
    expect(waits.slice(0, 9)).toEqual([0, 0, 0, 0, 0, 2, 4, 8, 16])
    expect(waits.at(-1)).toBe(900)
    nowMs += 86_400_000
    for (let attempt = 0; attempt < 5; attempt++) attempts.begin([subject])
    attempts.succeed(subject)
    attempts.begin([subject])
  })
})

test('what a tenant is owed stays until it was told, later and later, and does not hold up others', async () => {
  await runInDurableObject(env.BARE.getByName('owed'), async (_object, { storage: { sql } }) => {
    sql.exec(`CREATE TABLE owed (tenant TEXT, kind TEXT, subject TEXT, attempts INTEGER, due INTEGER,
      PRIMARY KEY (tenant, kind, subject))`)
    let nowMs = 1_000
    const owed = new Owed(sql, () => nowMs)
    const message = { tenant: 'acme', kind: 'end-session', subject: 'session_1' } as const
    owed.add(message)
    const waits: number[] = []
    for (let attempt = 0; attempt < 12; attempt++) {
      expect(owed.due(20)).toEqual([message])
      // A process that dies after this line tries again.
      owed.attempt(message)
      expect(owed.due(20)).toEqual([])
      waits.push((owed.nextMs ?? 0) - nowMs)
      nowMs = owed.nextMs ?? 0
    }
    expect(waits.slice(0, 3)).toEqual([2_000, 4_000, 8_000])
    expect(waits.at(-1)).toBe(3_600_000)
    owed.attempt(message)
    owed.add({ ...message, tenant: 'beta' })
    expect(owed.due(20).map(({ tenant }) => tenant)).toEqual(['beta'])
    for (const tenant of ['acme', 'beta']) owed.remove({ ...message, tenant })
    expect(owed.nextMs).toBeUndefined()
  })
})

const fromBase32 = (text: string): Uint8Array<ArrayBuffer> => {
  const digits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  return Uint8Array.from(digits.join('').match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

test('a second factor is needed after the password: each code and each recovery code counts once', async () => {
  const { directory, secret } = await claim()
  valueOf(await directory.setPassword(secret, { password, current: '' }))
  const begun = valueOf(await directory.beginSecondFactor(secret))
  // Until a code was confirmed, the password is enough.
  valueOf(await signIn(directory))
  const key = fromBase32(begun.secret)
  const step = Math.floor(Date.now() / 30_000)
  expect(refusalOf(await directory.confirmSecondFactor(secret, '000000x'))).toContain('the code is wrong')
  const codes = valueOf(await directory.confirmSecondFactor(secret, await codeOf(key, step)))
  expect(new Set(codes).size).toBe(10)
  expect(refusalOf(await signIn(directory))).toContain('enter the code')
  expect(refusalOf(await signIn(directory, { otp: await codeOf(key, step) }))).toContain('used before')
  const next = await codeOf(key, step + 1)
  const both = await Promise.all([signIn(directory, { otp: next }), signIn(directory, { otp: next })])
  expect(both.filter(({ ok }) => ok)).toHaveLength(1)
  valueOf(await signIn(directory, { otp: codes[0] ?? '' }))
  expect(refusalOf(await signIn(directory, { otp: codes[0] ?? '' }))).toContain('used before')
  valueOf(await directory.endSecondFactor(secret, codes[1] ?? ''))
  valueOf(await signIn(directory))
})

test('no password, code or secret is in the database in clear', async () => {
  const name = `directory-${++directories}`
  const directory = env.DIRECTORY.getByName(name)
  const { secret } = valueOf(await directory.takeOwnerLink({ code: 'the-owner', name: 'Ada', email, device }))
  valueOf(await directory.setPassword(secret, { password, current: '' }))
  const begun = valueOf(await directory.beginSecondFactor(secret))
  const code = await codeOf(fromBase32(begun.secret), Math.floor(Date.now() / 30_000))
  const codes = valueOf(await directory.confirmSecondFactor(secret, code))
  const link = valueOf(await directory.makeRecovery(secret, email))
  const secrets = [secret, password, begun.secret, link.code, 'the-owner', ...codes]
  const stub = env.DIRECTORY.getByName(name) as unknown as DurableObjectStub
  await runInDurableObject(stub, async (_object, { storage: { sql } }) => {
    const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray()
    const rows = tables
      .filter((table) => !table.name.startsWith('_'))
      .flatMap((table) => sql.exec(`SELECT * FROM "${table.name}"`).toArray())
    expect(rows.length).toBeGreaterThan(10)
    const texts = JSON.stringify(rows, (_key, value: unknown) =>
      value instanceof ArrayBuffer ? new TextDecoder('latin1').decode(value) : value,
    )
    for (const one of secrets) expect(texts).not.toContain(one)
  })
})

/** All rows of all tables. */
function rowsOf(directory: DurableObjectStub): Promise<string> {
  return runInDurableObject(directory, (_object, { storage: { sql } }) => {
    const tables = sql.exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
    )
    return JSON.stringify(tables.toArray().map(({ name }) => [...sql.exec(`SELECT * FROM ${name}`).raw()]))
  })
}

test('the account of an erased user is forgotten with its last membership, and the owner of the server keeps his', async () => {
  const directory = env.DIRECTORY.getByName(`directory-${++directories}`)
  const owner = valueOf(await directory.takeOwnerLink({ code: 'the-owner', name: 'Ada', email, device }))
  const accept = async (tenant: string, secret?: string) => {
    const { code } = await directory.invite({ tenant, user: `user_${tenant}`, email: 'qzvbob@example.com' })
    return valueOf(await directory.acceptInvitation({ code, secret, name: 'Qzvbob', device }))
  }
  const { secret } = await accept('acme')
  await accept('beta', secret)
  await directory.invite({ tenant: 'acme', user: 'user_acme', email: 'qzvbob@example.com' })
  valueOf(await directory.setPassword(secret, { password, current: '' }))
  await directory.forgetUser({ tenant: 'acme', user: 'user_acme' })
  expect(await directory.personOf(secret)).not.toBeNull()
  expect(await directory.sessionFor(secret, 'acme')).toBeNull()
  expect(await directory.sessionFor(secret, 'beta')).not.toBeNull()
  for (let time = 0; time < 2; time++) await directory.forgetUser({ tenant: 'beta', user: 'user_beta' })
  expect(await directory.personOf(secret)).toBeNull()
  expect(await rowsOf(directory)).not.toMatch(/qzvbob/i)
  valueOf(await directory.join(owner.secret, { tenant: 'acme', user: 'user_1' }))
  await directory.forgetUser({ tenant: 'acme', user: 'user_1' })
  expect((await directory.personOf(owner.secret))?.account.email).toBe(email)
})
