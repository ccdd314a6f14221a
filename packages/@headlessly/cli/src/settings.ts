// The tenant and server of a command, from flags, then the environment, then `~/.headlessly/config.json`.

import { parseJson, isPlainObject } from 'digital-objects'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { HeadlesslyError, type HeadlesslyOptions } from '@headlessly/sdk'
import type { FlagValues } from './parse-flags.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Settings {
  readonly tenant?: string
  readonly endpoint?: string
  readonly apiKey?: string
}

/** The SDK's default. */
export const defaultEndpoint = 'http://localhost:8787'

const names = ['tenant', 'endpoint', 'apiKey'] as const

export function readSettings(flags: Pick<FlagValues, 'text'>, env: Environment): Settings {
  const saved = readSaved(env)
  const given = pick(
    (name) => flags.text(kebab(name)) ?? nonEmpty(env[`HEADLESSLY_${kebab(name).toUpperCase().replace('-', '_')}`]),
  )
  // A saved key belongs to its endpoint and is never sent to another one.
  const { apiKey: _apiKey, ...others } = saved
  const isElsewhere = given.endpoint !== undefined && !isSameEndpoint(given.endpoint, saved.endpoint ?? defaultEndpoint)
  return { ...(isElsewhere ? others : saved), ...given }
}

function isSameEndpoint(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).href === new URL(other).href
}

/** Throws a HeadlesslyError `invalid_settings` if no tenant is set. */
export function requireTenant(settings: Settings): HeadlesslyOptions {
  const { tenant } = settings
  if (tenant !== undefined) return { ...settings, tenant }
  const message = 'no tenant: give --tenant, set HEADLESSLY_TENANT, or run headlessly init'
  throw new HeadlesslyError({ code: 'invalid_settings', field: 'tenant', message })
}

export function settingsFile(env: Environment): string {
  const folder = nonEmpty(env['HEADLESSLY_CONFIG']) ?? join(nonEmpty(env['HOME']) ?? homedir(), '.headlessly')
  return join(folder, 'config.json')
}

/** Writes atomically, readable by the owner only, since the file may hold a key. */
export function saveSettings(settings: Settings, env: Environment): string {
  const file = settingsFile(env)
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
  // An existing temporary file keeps its old mode, so set it.
  chmodSync(temporary, 0o600)
  renameSync(temporary, file)
  return file
}

function readSaved(env: Environment): Settings {
  const file = settingsFile(env)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
  return parseSaved(text, file)
}

function parseSaved(text: string, file: string): Settings {
  const value = parseJson(text, () => invalidSettings(file, 'JSON'))
  if (!isPlainObject(value)) throw invalidSettings(file, 'an object')
  const members: Readonly<Record<string, unknown>> = { ...value }
  return pick((name) => {
    const member = members[name]
    if (member === undefined || typeof member === 'string') return member
    throw invalidSettings(file, `a string as '${name}'`)
  })
}

function pick(read: (name: (typeof names)[number]) => string | undefined): Settings {
  const found = names.map((name) => [name, read(name)] as const)
  return Object.fromEntries(found.filter(([, text]) => text !== undefined))
}

function kebab(name: string): string {
  return name === 'apiKey' ? 'api-key' : name
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function invalidSettings(file: string, expected: string): HeadlesslyError {
  const message = `${file} expects ${expected}; run headlessly login to write it again`
  return new HeadlesslyError({ code: 'invalid_settings', message })
}
