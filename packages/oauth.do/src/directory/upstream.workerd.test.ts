// Signing in with an account elsewhere, against a provider in the same process.

import { env } from 'cloudflare:test'
import { afterEach, expect, test } from 'vitest'
import { signInThere, wrong } from '../../test/provider.ts'
import type { DirectoryStub, Outcome } from './directory-stub.ts'
import { parseProvider } from './upstream.ts'

const device = { agent: 'test', address: '' }
const redirectUri = 'https://backend.example.com/sign-in/callback'
let directories = 0

afterEach(() => {
  for (const name of Object.keys(wrong)) Reflect.deleteProperty(wrong, name)
})

async function claim(): Promise<{ readonly directory: DirectoryStub; readonly secret: string }> {
  const directory = env.DIRECTORY.getByName(`upstream-${++directories}`)
  const owner = { code: 'the-owner', name: 'Ada', email: 'ada@example.com', device }
  return { directory, secret: valueOf(await directory.takeOwnerLink(owner)).secret }
}

function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value
  throw new Error(outcome.error.message)
}

/** Goes to the provider and comes back. `secret`: of the person who links. */
async function comeBack(directory: DirectoryStub, subject: string, secret?: string) {
  const { url, state } = valueOf(await directory.beginUpstream({ redirectUri, secret }))
  return directory.finishUpstream({ url: signInThere(url, subject), redirectUri, state, secret, device })
}

test('a person links an account elsewhere, and signs in with it', async () => {
  const { directory, secret } = await claim()
  expect((await comeBack(directory, 'ada-elsewhere')).ok).toBe(false)
  expect(valueOf(await comeBack(directory, 'ada-elsewhere', secret)).account.name).toBe('Ada')
  const signedIn = valueOf(await comeBack(directory, 'ada-elsewhere'))
  expect((await directory.personOf(signedIn.secret))?.account.name).toBe('Ada')
  expect((await comeBack(directory, 'eve-elsewhere')).ok).toBe(false)
  valueOf(await directory.unlinkUpstream(secret))
  expect((await comeBack(directory, 'ada-elsewhere')).ok).toBe(false)
})

test('attack: an answer counts once, for the browser that has asked, and for whom it was begun (mix-up, fixation)', async () => {
  const { directory, secret } = await claim()
  valueOf(await comeBack(directory, 'ada-elsewhere', secret))
  const [first, second] = [
    valueOf(await directory.beginUpstream({ redirectUri, secret: undefined })),
    valueOf(await directory.beginUpstream({ redirectUri, secret: undefined })),
  ]
  const answer = { redirectUri, secret: undefined, device }
  const url = signInThere(first.url, 'ada-elsewhere')
  // The state of another browser, and no state.
  for (const state of [second.state, ''])
    expect((await directory.finishUpstream({ ...answer, url, state })).ok).toBe(false)
  const both = await Promise.all([1, 2].map(() => directory.finishUpstream({ ...answer, url, state: first.state })))
  expect(both.filter(({ ok }) => ok)).toHaveLength(1)
  // Somebody else's link, finished in the browser of a person who is signed in.
  const begun = valueOf(await directory.beginUpstream({ redirectUri, secret }))
  const other = { ...answer, url: signInThere(begun.url, 'eve-elsewhere'), state: begun.state }
  expect((await directory.finishUpstream(other)).ok).toBe(false)
})

test('attack: tokens of another issuer, client, nonce or key are refused (token substitution)', async () => {
  const { directory, secret } = await claim()
  valueOf(await comeBack(directory, 'ada-elsewhere', secret))
  const tries = [{ issuer: 'https://evil.example' }, { audience: 'other' }, { nonce: 'other' }, { signature: true }]
  for (const one of tries) {
    Object.assign(wrong, one)
    expect((await comeBack(directory, 'ada-elsewhere')).ok, JSON.stringify(one)).toBe(false)
    for (const name of Object.keys(wrong)) Reflect.deleteProperty(wrong, name)
  }
  expect((await comeBack(directory, 'ada-elsewhere')).ok).toBe(true)
})

test('a provider is https, and a mistake in its setting shows no part of its secret', () => {
  const right = { name: 'Example', issuer: 'https://provider.example', clientId: 'a', clientSecret: 'hidden' }
  expect(parseProvider(JSON.stringify(right))).toEqual(right)
  const mistakes = [
    { ...right, issuer: 'http://provider.example' },
    { ...right, clientSecret: 5 },
    { ...right, more: 1 },
    {},
  ]
  for (const one of mistakes)
    expect(() => parseProvider(JSON.stringify(one))).toThrow(/^expected SIGN_IN_PROVIDER as JSON[^{}]*$/)
  expect(() => parseProvider('hidden')).not.toThrow('hidden')
})
