// The routes of trials: beginning one without a write, and claiming one by a CI job. `/sign-in/trial` claims one in a browser.

import { type Context, Hono } from 'hono'
import type { Env } from '../base/env.ts'
import { checkLocalOrigin, localTarget } from '../base/local-only.ts'
import { senderAddress } from '../base/sender-address.ts'
import { withoutLens } from '../contexts/lens-of.ts'
import { directoryOf, valueOf } from '../identity/directory-of.ts'
import { requireNoKey } from '../identity/establish-caller.ts'
import { endOfRequest, limitAnonymous, withRate } from '../identity/rate-limits.ts'
import { beginTrial, makeKeyOfJob, requireTrials } from '../identity/trials.ts'
import { readJsonFields, requireField } from './form-request.ts'
import { refuseMethod } from './refuse-method.ts'

type RouteContext = Context<{ Bindings: Env }>

export const trialRoutes = new Hono<{ Bindings: Env }>()

trialRoutes.post('/trials', (c) => counted(c, () => begin(c)))

trialRoutes.post('/trials/claim', (c) => counted(c, () => claim(c)))

for (const path of ['/trials', '/trials/claim']) trialRoutes.all(path, (c) => refuseMethod(c.req, 'POST'))

async function begin(c: RouteContext): Promise<Response> {
  const base = admit(c)
  const { tenant, key, endsMs } = await beginTrial(c.env, { address: senderAddress(c.req.raw, c.env), base })
  const body = { tenant, url: `${base}/~${tenant}`, key, endsAt: new Date(endsMs).toISOString() }
  return answer(c, body)
}

async function claim(c: RouteContext): Promise<Response> {
  const base = admit(c)
  const fields = await readJsonFields(c.req.raw)
  const asked = { code: requireField(fields, 'code'), token: requireField(fields, 'token'), audience: base }
  const { tenant, job } = valueOf(await directoryOf(c.env).claimTrialByJob(asked))
  return answer(c, { tenant, url: `${base}/~${tenant}`, job, key: await makeKeyOfJob(c.env, { tenant, job, base }) })
}

/** A refused request is not under way any more either. */
async function counted(c: RouteContext, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work()
  } finally {
    endOfRequest(c.req.raw)
  }
}

/** Returns the server's address. Throws an ObjectError for a request of a foreign page, or of too many. */
function admit(c: RouteContext): string {
  const target = localTarget(c.req.url, c.env)
  requireTrials(c.env)
  const { headers } = c.req.raw
  checkLocalOrigin(headers.get('origin'), c.env.ALLOWED_HOSTS)
  requireNoKey(headers)
  limitAnonymous(c.req.raw, c.env)
  return c.env.PUBLIC_URL ?? withoutLens(target)
}

function answer(c: RouteContext, body: object): Response {
  return withRate(c.req.raw, Response.json(body, { status: 201, headers: { 'cache-control': 'no-store' } }))
}
