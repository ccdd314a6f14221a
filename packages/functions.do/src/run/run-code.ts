// Runs a function, received as source, in the sandbox, and answers with its result.

import type { ServiceAnswer, ServiceRequest } from '@dotdo/service'
import { bytesToHex, canonicalJson } from 'digital-objects'
import type { Sandbox, SandboxJob } from '../sandbox/sandbox.ts'
import { parseRunBody, type RunRequest } from './parse-run-body.ts'
import { readRunFacts } from './run-facts.ts'
import { runFailure } from './run-failure.ts'
import { runProgram, type RunParts } from './run-program.ts'
import { TenantCalls, writeKey } from './tenant-calls.ts'

/**
 * `{ "code", "given"?, "atomic"?, "dryRun"? }` -> `{ "result", "exceptions"?, "logs" }`, for a dry run with `dryRun`, `events`,
 * `refusals` and `plan`. Throws an ObjectError for a wrong body.
 */
export async function runCode(parts: RunParts, request: ServiceRequest): Promise<ServiceAnswer> {
  return runSource(parts, request, parseRunBody(await request.body()))
}

/** `code` as the sandbox takes it. */
export async function runSource(
  parts: RunParts,
  request: ServiceRequest,
  run: RunRequest & Pick<SandboxJob, 'warmKey' | 'secrets'>,
): Promise<ServiceAnswer> {
  const { tenant, context, bookmark, idempotencyKey, at } = request
  const { code, given, isDryRun, warmKey, secrets } = run
  let { isAtomic } = run
  const key = idempotencyKey ?? `do-${crypto.randomUUID()}`
  const happened = at === undefined ? [] : [at]
  const asked = JSON.stringify(['do', code, given === undefined ? null : canonicalJson(given), isAtomic, ...happened])
  if (idempotencyKey !== undefined && !isDryRun) {
    // Throws if the key belongs to another request.
    const firstWriteKey = writeKey(await keyBaseOf(idempotencyKey), 0)
    const earlier = await request.findRun({ key: { key, request: asked }, firstWriteKey })
    const { answer, isEachWrite, ...seen } = earlier
    if (answer !== undefined) return { ok: true, body: answer, ...seen }
    // An earlier version ran it with a commit for each write. It can only be completed in the same way.
    isAtomic &&= isEachWrite !== true
  }
  const { definitions, nowMs } = await readRunFacts(request)
  const job = {
    code,
    definitions,
    tenant,
    endpoint: context.slice(0, -`/~${tenant}`.length),
    ...(warmKey === undefined ? {} : { warmKey }),
    ...(secrets === undefined ? {} : { secrets }),
    ...(given === undefined ? {} : { given }),
    ...(bookmark === undefined ? {} : { bookmark }),
  }
  if (isAtomic) {
    const program = nowMs === undefined ? job : { ...job, nowMs }
    return runProgram(parts, { job: program, request, isDryRun, key: { key, request: asked } })
  }
  return runEachWrite(parts.sandbox, job, request)
}

/** Runs code whose writes are commits of their own. */
async function runEachWrite(sandbox: Sandbox, job: SandboxJob, request: ServiceRequest): Promise<ServiceAnswer> {
  const { answerMessage, idempotencyKey } = request
  const keyBase = idempotencyKey === undefined ? undefined : await keyBaseOf(idempotencyKey)
  const outcome = await sandbox.run(job, () => new TenantCalls({ answerMessage, keyBase }))
  const seen = outcome.bookmark === undefined ? {} : { bookmark: outcome.bookmark }
  if (!outcome.ok) return { ...runFailure(outcome, 'its writes so far stay'), ...seen }
  const { body, logs } = outcome
  return { ok: true, body: `${body.slice(0, -1)},"logs":${JSON.stringify(logs)}}`, ...seen }
}

/** A hash has one length, so a key made from it is never longer than keys may be. */
async function keyBaseOf(key: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)))
  return `do-${bytesToHex(bytes)}`
}
