// Runs a function, received as source, in the sandbox, and answers with its result.

import type { ServiceAnswer, ServiceRequest } from '@dotdo/service'
import {
  bytesToHex,
  inexactNumberFault,
  isPlainObject,
  type JsonValue,
  ObjectError,
  parseExactJson,
} from 'digital-objects'
import { parseCode } from '../sandbox/parse-code.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { definedNouns } from './defined-nouns.ts'
import { TenantCalls } from './tenant-calls.ts'

/** `{ "code", "given"? }` -> `{ "result", "exceptions"?, "logs" }`. Throws an ObjectError for a wrong body. */
export async function runCode(sandbox: Sandbox, request: ServiceRequest): Promise<ServiceAnswer> {
  const { tenant, context, bookmark, idempotencyKey } = request
  const { code, given } = parseRunBody(await request.body())
  const keyBase = idempotencyKey === undefined ? undefined : await keyBaseOf(idempotencyKey)
  const job = {
    code,
    definitions: await definedNouns(request),
    tenant,
    endpoint: context.slice(0, -`/~${tenant}`.length),
    ...(given === undefined ? {} : { given }),
    ...(bookmark === undefined ? {} : { bookmark }),
  }
  const { answerMessage } = request
  const outcome = await sandbox.run(job, () => new TenantCalls({ answerMessage, keyBase }))
  const { logs } = outcome
  const seen = outcome.bookmark === undefined ? {} : { bookmark: outcome.bookmark }
  if (outcome.ok) return { ok: true, body: `${outcome.body.slice(0, -1)},"logs":${JSON.stringify(logs)}}`, ...seen }
  const detail = { ...outcome.error.detail, ...(logs.length === 0 ? {} : { logs }) }
  return { ok: false, error: { ...outcome.error, detail }, ...seen }
}

function parseRunBody(text: string): { readonly code: string; readonly given: JsonValue | undefined } {
  const body = parseExactJson(text, {
    syntax: () =>
      new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body expects JSON: {"code":"…"}' }),
    inexact: ({ path, text: numeral }) => {
      const field = path.join('.').slice(0, 200) || 'body'
      return new ObjectError({ code: 'invalid_body', field, message: `${field} ${inexactNumberFault(numeral)}` })
    },
  })
  if (!isPlainObject(body))
    throw new ObjectError({ code: 'invalid_body', field: 'body', message: 'the body expects an object: {"code":"…"}' })
  const { code, given, ...others } = body as Readonly<Record<string, JsonValue | undefined>>
  const [stray] = Object.keys(others)
  if (stray !== undefined) {
    const message = `the body expects code and given, got '${stray.slice(0, 64)}'`
    throw new ObjectError({ code: 'invalid_body', field: stray.slice(0, 64), message })
  }
  return { code: parseCode(code), given }
}

/** A hash has one length, so a key made from it is never longer than keys may be. */
async function keyBaseOf(key: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)))
  return `do-${bytesToHex(bytes)}`
}
