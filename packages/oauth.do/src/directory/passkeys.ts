// Passkeys: credentials of WebAuthn (Level 3) that a browser or a device keeps. The directory has their public keys. Challenges
// are stored as hashes, and each is taken once.

import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { ObjectError, sha256Hex } from 'digital-objects'
import type { Account } from './accounts.ts'

/** The page that asks, as the front door has checked it. */
export interface Site {
  /** `https://backend.example.com` */
  readonly origin: string
  /** The host name, to which passkeys are bound: `backend.example.com`. */
  readonly rpId: string
}

export interface Passkey {
  readonly id: string
  /** The name of the browser in which it was registered. */
  readonly name: string
  readonly createdMs: number
  readonly usedMs: number
}

interface Row extends Record<string, SqlStorageValue> {
  readonly id: string
  readonly account: string
  readonly public_key: ArrayBuffer
  readonly counter: number
  readonly transports: string
  readonly name: string
  readonly created_at: number
  readonly used_at: number
}

const challengeMs = 5 * 60_000
/** Anybody may ask for challenges, so the oldest are dropped. */
const challengesMax = 10_000
const perAccountMax = 20
const nameCharactersMax = 200

export class Passkeys {
  readonly #sql: SqlStorage
  readonly #now: () => number

  constructor(sql: SqlStorage, now: () => number) {
    this.#sql = sql
    this.#now = now
  }

  /** The newest first. */
  of(account: string): readonly Passkey[] {
    return this.#rowsOf(account).map(({ id, name, created_at, used_at }) => ({
      id,
      name,
      createdMs: created_at,
      usedMs: used_at,
    }))
  }

  /** Returns what the browser needs to make a passkey, as JSON. */
  async registrationOptions({ id, name, email }: Account, { rpId }: Site): Promise<string> {
    const { generateRegistrationOptions } = await library()
    const known = this.#rowsOf(id).map((row) => ({ id: row.id, transports: parseTransports(row.transports) }))
    const options = await generateRegistrationOptions({
      rpName: 'headless.ly',
      rpID: rpId,
      userID: new Uint8Array(new TextEncoder().encode(id)),
      userName: email,
      userDisplayName: name,
      attestationType: 'none',
      excludeCredentials: known,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })
    this.#challenge(options.challenge, id)
    return JSON.stringify(options)
  }

  /** Throws an ObjectError if the browser's answer is not a new passkey for this account on this site. */
  async register(
    account: string,
    made: { readonly response: string; readonly site: Site; readonly name: string },
  ): Promise<void> {
    const { verifyRegistrationResponse } = await library()
    const response = parseResponse(made.response) as RegistrationResponseJSON // checked by the library
    const verified = await trusting(() =>
      verifyRegistrationResponse({
        response,
        expectedChallenge: (challenge) => this.#take(challenge, account),
        expectedOrigin: made.site.origin,
        expectedRPID: made.site.rpId,
        requireUserVerification: true,
      }),
    )
    if (!verified.verified) throw notVerified()
    const { credential } = verified.registrationInfo
    if (this.#rowsOf(account).length >= perAccountMax)
      throw new ObjectError({
        code: 'validation_error',
        field: 'passkey',
        message: `passkey: an account has at most ${perAccountMax}; remove one first`,
      })
    const name = made.name.toWellFormed().slice(0, nameCharactersMax)
    const transports = JSON.stringify(credential.transports ?? [])
    const row = [
      credential.id,
      account,
      credential.publicKey,
      credential.counter,
      transports,
      name,
      this.#now(),
      this.#now(),
    ]
    const added = this.#sql.exec('INSERT INTO passkeys VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', ...row)
    if (added.rowsWritten === 0) throw notVerified()
  }

  /** Returns what the browser needs to sign in with any passkey of this site, as JSON. It names no account. */
  async signInOptions({ rpId }: Site): Promise<string> {
    const { generateAuthenticationOptions } = await library()
    const options = await generateAuthenticationOptions({ rpID: rpId, userVerification: 'required' })
    this.#challenge(options.challenge, '')
    return JSON.stringify(options)
  }

  /** Returns the id of the account whose passkey has signed the challenge. Throws an ObjectError otherwise. */
  async signIn(answer: { readonly response: string; readonly site: Site }): Promise<string> {
    const { verifyAuthenticationResponse } = await library()
    const parsed = parseResponse(answer.response)
    if (typeof parsed.id !== 'string') throw notVerified()
    const response = parsed as AuthenticationResponseJSON // checked by the library
    const [row] = this.#sql.exec<Row>('SELECT * FROM passkeys WHERE id = ?', parsed.id).toArray()
    if (row === undefined) throw notVerified()
    const { verified, authenticationInfo } = await trusting(() =>
      verifyAuthenticationResponse({
        response,
        expectedChallenge: (challenge) => this.#take(challenge, ''),
        expectedOrigin: answer.site.origin,
        expectedRPID: answer.site.rpId,
        credential: { id: row.id, publicKey: new Uint8Array(row.public_key), counter: row.counter },
        requireUserVerification: true,
      }),
    )
    if (!verified) throw notVerified()
    const used = 'UPDATE passkeys SET counter = ?, used_at = ? WHERE id = ? RETURNING account'
    const [found] = this.#sql
      .exec<{ account: string }>(used, authenticationInfo.newCounter, this.#now(), row.id)
      .toArray()
    // It was removed meanwhile.
    if (found === undefined) throw notVerified()
    return found.account
  }

  /** Returns whether the account had this passkey. */
  remove(account: string, id: string): boolean {
    return this.#sql.exec('DELETE FROM passkeys WHERE account = ? AND id = ?', account, id).rowsWritten > 0
  }

  #rowsOf(account: string): readonly Row[] {
    return this.#sql
      .exec<Row>('SELECT * FROM passkeys WHERE account = ? ORDER BY created_at DESC, id', account)
      .toArray()
  }

  /** `subject`: the account that may answer, or '' for any. */
  #challenge(challenge: string, subject: string): void {
    const nowMs = this.#now()
    const old = 'SELECT hash FROM challenges ORDER BY ends DESC LIMIT -1 OFFSET ?'
    this.#sql.exec(`DELETE FROM challenges WHERE ends <= ? OR hash IN (${old})`, nowMs, challengesMax)
    this.#sql.exec('INSERT INTO challenges VALUES (?, ?, ?)', sha256Hex(challenge), subject, nowMs + challengeMs)
  }

  #take(challenge: string, subject: string): boolean {
    const query = 'DELETE FROM challenges WHERE hash = ? AND subject = ? AND ends > ? RETURNING hash'
    return this.#sql.exec(query, sha256Hex(challenge), subject, this.#now()).toArray().length > 0
  }
}

/** The library is large, so it is loaded with its first use instead of at the start of each isolate. */
function library(): Promise<typeof import('@simplewebauthn/server')> {
  return import('@simplewebauthn/server')
}

/** The library throws plain errors for answers that are wrong. */
async function trusting<Result>(verify: () => Promise<Result>): Promise<Result> {
  try {
    return await verify()
  } catch {
    throw notVerified()
  }
}

function parseResponse(text: string): { readonly id?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Below.
  }
  throw new ObjectError({ code: 'validation_error', field: 'response', message: 'response: expects JSON of a passkey' })
}

function parseTransports(text: string): AuthenticatorTransport[] {
  return JSON.parse(text) as AuthenticatorTransport[] // stored by us
}

/** Every reason has the same sentence. */
function notVerified(): ObjectError {
  return new ObjectError({ code: 'forbidden', field: 'passkey', message: 'passkey: it could not be verified here' })
}
