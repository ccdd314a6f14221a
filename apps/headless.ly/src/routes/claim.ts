// `POST /~acme/claim`, with the key of a trial: makes the link with which somebody makes the trial permanent.

import { unauthorized } from 'objects.do'
import type { Handler } from '../base/visit.ts'
import { directoryOf, valueOf } from '../identity/directory-of.ts'
import { requireTrials } from '../identity/trials.ts'
import { readJsonFields } from './form-request.ts'

export const claim: Handler = async ({ request, env, caller }) => {
  requireTrials(env)
  if (caller.authority.through === undefined) throw unauthorized()
  if (request.headers.has('content-type')) await readJsonFields(request)
  const { code, endsMs } = valueOf(await directoryOf(env).offerTrial(caller.tenant))
  const base = caller.context.slice(0, caller.context.lastIndexOf('/~'))
  const body = { code, link: `${base}/sign-in/trial#${code}`, endsAt: new Date(endsMs).toISOString() }
  return Response.json(body, { status: 201, headers: { 'cache-control': 'no-store' } })
}
