// `POST /~acme/do`: a function comes as text, runs next to the data, and its result is the answer.

import { type JsonValue, ObjectError, parseJson, isPlainObject, bytesToHex } from 'digital-objects'
import { problemResponse } from '../base/problem.ts'
import { readBody } from '../base/request-body.ts'
import type { MessageParts } from '../rpc/answer-message.ts'
import { parseCode } from 'functions.do'
import { writeConditions } from '../base/write-conditions.ts'
import { sandboxOf } from './sandbox-of.ts'
import { TenantCalls } from './tenant-calls.ts'

/** `{ "code", "given"? }` -> `{ "result", "exceptions"?, "logs" }`. Throws an ObjectError for what does not run. */
export async function doResponse(request: Request, parts: MessageParts): Promise<Response> {
  const { env, caller } = parts
  const sandbox = await sandboxOf(env)
  const { idempotencyKey } = writeConditions(request.headers)
  const { code, given } = parseBody(await readBody(request))
  const calls = new TenantCalls(parts, idempotencyKey === undefined ? undefined : await keyBaseOf(idempotencyKey))
  const { tenant, context, bookmark } = caller
  try {
    const outcome = await sandbox.run({
      code,
      tenant,
      endpoint: context.slice(0, -`/~${tenant}`.length),
      send: calls.send,
      ...(given === undefined ? {} : { given }),
      ...(bookmark === undefined ? {} : { bookmark }),
    })
    const { logs } = outcome
    const headers = outcome.bookmark === undefined ? {} : { 'x-headlessly-bookmark': outcome.bookmark }
    if (!outcome.ok) {
      const detail = { ...outcome.error.detail, ...(logs.length === 0 ? {} : { logs }) }
      return problemResponse({ ...outcome.error, detail }, { headers })
    }
    return new Response(`${outcome.body.slice(0, -1)},"logs":${JSON.stringify(logs)}}`, {
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    })
  } finally {
    calls.close()
  }
}

function parseBody(text: string): { readonly code: string; readonly given: JsonValue | undefined } {
  const body = parseJson(
    text,
    () => new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body expects JSON: {"code":"…"}' }),
  )
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

/** Of one length, so that the keys made from it are no longer than keys may be. */
async function keyBaseOf(key: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)))
  return `do-${bytesToHex(bytes)}`
}
