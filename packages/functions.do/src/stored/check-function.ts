// Checks a stored function when it is created or changed: its name, its trigger and its source. The source is parsed in the
// sandbox, since a hostile one may take long, and its types are removed once.

import type { ObjectParts } from '@dotdo/service'
import {
  type EntityFields,
  isPlainObject,
  isSameJson,
  ObjectError,
  secretNamePattern,
  sha256Hex,
  tryParseJson,
} from 'digital-objects'
import { codeBytesMax, type RunCalls, type Sandbox } from '../sandbox/sandbox.ts'
import { parseHosts } from './outgoing.ts'
import { parseSchedule } from './schedule.ts'
import { invalid, parseTrigger } from './trigger.ts'

export const namePattern = /^[a-z][a-z0-9-]{0,62}$/

/** Opens the sandbox. Throws an ObjectError `not_configured` if this server runs no code. */
export type OpenSandbox = () => Promise<Sandbox>

const setting = ['name', 'on', 'schedule', 'source', 'code', 'hash', 'hosts', 'secrets']

/** Whether a write changes what the function does. */
export function isSetUp(fields: EntityFields, previous: EntityFields | undefined): boolean {
  return setting.some((name) => !isSameJson(fields[name] ?? null, previous?.[name] ?? null))
}

/** Returns the fields with `code` and `hash`. Throws an ObjectError that names the field. */
export async function checkFunction(
  fields: EntityFields,
  {
    parts,
    openSandbox,
    previous,
  }: {
    readonly parts: Pick<ObjectParts, 'lookup' | 'tenant'>
    readonly openSandbox: OpenSandbox
    readonly previous: EntityFields | undefined
  },
): Promise<EntityFields> {
  const { name, on, schedule, source, code: _, ...others } = fields
  parseHosts(others['hosts'])
  checkSecrets(others['secrets'])
  checkName(name)
  if (on !== undefined && schedule !== undefined) throw invalid('schedule', "expects a function without 'on'")
  parseTrigger(asText(on), parts.lookup)
  if (typeof schedule === 'string') parseSchedule(schedule)
  const text = asText(source) ?? ''
  const hash = sha256Hex(text)
  const triggers = { ...(on === undefined ? {} : { on }), ...(schedule === undefined ? {} : { schedule }) }
  const made = { ...others, name, ...triggers, source: text, hash }
  // Code derived from the same source is right, whatever the caller sends.
  const isSame = previous?.['hash'] === hash && previous['source'] === text
  const code = isSame ? previous['code'] : await codeOf(text, { tenant: parts.tenant(), openSandbox })
  return code === undefined || code === text ? made : { ...made, code }
}

/** Throws an ObjectError `validation_error`. */
export function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !namePattern.test(name))
    throw invalid('name', 'expects a lower-case letter and then lower-case letters, digits or hyphens, at most 63')
}

const secretsMax = 10
const secretName = new RegExp(secretNamePattern)

function checkSecrets(secrets: unknown): void {
  if (!Array.isArray(secrets)) return
  if (secrets.length > secretsMax) throw invalid('secrets', `expects at most ${secretsMax}`)
  const wrong: unknown = secrets.find((name) => typeof name !== 'string' || !secretName.test(name))
  if (wrong !== undefined)
    throw invalid('secrets', `expects names of secrets, such as stripe-key, got ${JSON.stringify(wrong).slice(0, 80)}`)
}

async function codeOf(
  source: string,
  { tenant, openSandbox }: { readonly tenant: string; readonly openSandbox: OpenSandbox },
): Promise<string> {
  if (new TextEncoder().encode(source).byteLength > codeBytesMax)
    throw invalid('source', `expects at most ${codeBytesMax} bytes`)
  const sandbox = await openSandbox()
  const job = { code: source, program: 'check', warmKey: 'check', tenant, endpoint: '', definitions: {} } as const
  const outcome = await sandbox.run(job, noCalls)
  if (!outcome.ok)
    throw invalid('source', outcome.error.message.replace(/^the code/, 'expects code that can be checked; this'))
  const { result } = parsed(outcome.body)
  const { code, fault } = isPlainObject(result) ? result : {}
  if (typeof code === 'string') return code
  const { message = 'cannot be checked', line } = isPlainObject(fault) ? fault : {}
  throw invalid('source', `${String(message)}${typeof line === 'number' ? ` (line ${line})` : ''}`)
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  const value = tryParseJson(body)
  return isPlainObject(value) ? value : {}
}

function noCalls(): RunCalls {
  const refusal = new ObjectError({ code: 'forbidden', message: 'a check makes no calls' })
  return {
    send: () => Promise.reject(refusal),
    isRepeatable: () => true,
    ended: new Promise(() => {}),
    close: () => {},
  }
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
