// Requests of anonymous callers, below `/~try`. They read, and the first write begins a trial: a tenant of the caller's own, in
// which that write and the following ones are made.

import { ObjectError } from 'digital-objects'
import { routeCall } from 'objects.do'
import { isLive } from '../base/is-live.ts'
import { requestRoomOf } from '../base/request-room.ts'
import { senderAddress } from '../base/sender-address.ts'
import type { Handler, Visit } from '../base/visit.ts'
import { directoryOf } from '../identity/directory-of.ts'
import { keyAuthoritiesOf } from '../identity/key-authorities.ts'
import { beginTrial, trialSlug, type Trial } from '../identity/trials.ts'
import { answerCall } from './answer-call.ts'
import { loadHistory } from './history.ts'

/** Returns the handler of an anonymous caller's request, which `handler` would handle for others. */
export function handlerForAnonymous({ request, target }: Visit, handler: Handler): Handler {
  const { method } = request
  const { below } = target
  // Its tools come as requests of their own.
  if (method === 'POST' && below.join('/') === 'mcp') return handler
  if (method === 'GET' || method === 'HEAD') return isLive(request) ? refuse : handler
  if (handler !== answerCall && handler !== loadHistory) return refuse
  const { call } = routeCall({ method, segments: below, parameters: target.parameters })
  const isWrite = handler === loadHistory || (call !== undefined && call.kind !== 'read')
  return isWrite ? (visit) => writeInTrial(visit, handler) : handler
}

const refuse: Handler = () => {
  throw new ObjectError({
    code: 'unauthorized',
    message:
      'a caller without a key reads, and writes to entities: POST /trials gives a key to a tenant of your own, for a day',
  })
}

/** A write that fails leaves no trial. */
async function writeInTrial(visit: Visit, handler: Handler): Promise<Response> {
  const { env, request, caller, waitUntil } = visit
  const base = caller.context.slice(0, caller.context.lastIndexOf('/~'))
  const trial = await beginTrial(env, { address: senderAddress(request, env), base })
  let isKept = false
  try {
    const answered = await handler(await visitOfTrial(visit, { ...trial, base }))
    isKept = answered.ok
    return isKept ? withTrial(answered, trial) : answered
  } finally {
    if (!isKept) waitUntil(directoryOf(env).endTrial(trial.tenant))
  }
}

async function visitOfTrial(visit: Visit, trial: Trial & { readonly base: string }): Promise<Visit> {
  const { env, target } = visit
  const { tenant, key, base } = trial
  const renewed = async (): Promise<Visit['caller']> => {
    const authority = await keyAuthoritiesOf(env).require({ tenant, key })
    return { ...visit.caller, tenant, context: `${base}/~${tenant}`, authority }
  }
  return {
    ...visit,
    caller: await renewed(),
    renewed,
    inWork: (work) => requestRoomOf(env).run(tenant, work),
    target: {
      ...target,
      segments: [`~${tenant}`, ...target.segments.slice(1)],
      path: target.path.replace(`/~${trialSlug}`, `/~${tenant}`),
    },
  }
}

/** The one answer that has the trial's key. */
function withTrial(answered: Response, { tenant, key, endsMs }: Trial): Response {
  const headers = new Headers(answered.headers)
  headers.set('x-headlessly-tenant', tenant)
  headers.set('x-headlessly-session', key)
  headers.set('x-headlessly-session-ends', new Date(endsMs).toISOString())
  headers.set('cache-control', 'no-store')
  return new Response(answered.body, { status: answered.status, headers })
}
