// The tokens that `headlessly login` has got, one for each server and tenant, in a file that only the user can read.

import { isPlainObject, parseJson } from 'digital-objects'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { HeadlesslyError } from '@headlessly/sdk'
import { type Environment, settingsFile } from './settings.ts'

export interface SignIn {
  readonly clientId: string
  readonly accessToken: string
  readonly refreshToken: string
  /** In ms since 1970. */
  readonly endsMs: number
}

type Stored = Readonly<Record<string, SignIn>>

/** A holder that has died leaves its lock; a request takes less. */
const staleMs = 60_000
const pollMs = 50

export function signInsFile(env: Environment): string {
  return join(settingsFile(env), '..', 'sign-ins.json')
}

/** `context` is the tenant's URL: `http://localhost:8787/~acme`. */
export function readSignIn(env: Environment, context: string): SignIn | undefined {
  const stored = readStored(signInsFile(env))
  return Object.hasOwn(stored, context) ? stored[context] : undefined
}

/** Removes the sign-in if it is undefined. Call it with the lock. */
export function writeSignIn(env: Environment, context: string, signIn: SignIn | undefined): void {
  const file = signInsFile(env)
  const { [context]: _previous, ...others } = readStored(file)
  const stored: Stored = signIn === undefined ? others : { ...others, [context]: signIn }
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600 })
  // An existing temporary file keeps its old mode, so set it.
  chmodSync(temporary, 0o600)
  renameSync(temporary, file)
}

/** Runs work while no other process changes the file: a refresh token that two of them used would end the sign-in. */
export async function withSignIns<Result>(env: Environment, work: () => Promise<Result>): Promise<Result> {
  const file = signInsFile(env)
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  const lock = `${file}.lock`
  while (!tryLock(lock)) await new Promise((resolve) => setTimeout(resolve, pollMs))
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function tryLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600))
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (ageMs(lock) > staleMs) rmSync(lock, { force: true })
    return false
  }
}

function ageMs(file: string): number {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
}

function readStored(file: string): Stored {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
  const damaged = (): HeadlesslyError =>
    new HeadlesslyError({ code: 'invalid_settings', message: `${file} is damaged; delete it and run headlessly login` })
  const value = parseJson(text, damaged)
  if (!isPlainObject(value)) throw damaged()
  return Object.fromEntries(Object.entries(value).map(([context, one]) => [context, parseSignIn(one, damaged)]))
}

function parseSignIn(value: unknown, damaged: () => HeadlesslyError): SignIn {
  if (!isPlainObject(value)) throw damaged()
  const { clientId, accessToken, refreshToken, endsMs }: Readonly<Record<string, unknown>> = { ...value }
  if (typeof clientId !== 'string' || typeof accessToken !== 'string') throw damaged()
  if (typeof refreshToken !== 'string' || typeof endsMs !== 'number') throw damaged()
  return { clientId, accessToken, refreshToken, endsMs }
}
