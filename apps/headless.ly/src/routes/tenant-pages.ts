// A tenant's page at `/~acme`, and its description for language models at `/~acme/llms.txt`. Both come from reads of the
// tenant's object, so they show what the caller may see.

import type { Service } from '@dotdo/service'
import type { CallOf, Overview } from 'digital-objects'
import { type Answer, operations, parseAnswer } from 'objects.do'
import type { Env } from '../base/env.ts'
import type { Handler, Visit } from '../base/visit.ts'
import { chooseForm } from '../pages/choose-form.ts'
import { htmlResponse, markdownResponse, plainResponse } from '../pages/page-response.ts'
import { type GuideNoun, tenantGuide } from '../pages/tenant-guide.ts'
import { tenantPage, tenantPageMarkdown } from '../pages/tenant-page.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'
import { answerCall } from './answer-call.ts'
import { answerToResponse } from './answer-response.ts'

/** JSON is the ordinary answer of the read. */
export const tenantPageRoute: Handler = (visit) => {
  const { method, headers } = visit.request
  const form = chooseForm(headers.get('accept'), [
    ['json', 'application/json'],
    ['markdown', 'text/markdown'],
    ['html', 'text/html'],
  ])
  if (form === 'json' || (method !== 'GET' && method !== 'HEAD')) return answerCall(visit)
  return pageOf(visit, form)
}

async function pageOf(visit: Visit, form: 'html' | 'markdown'): Promise<Response> {
  const answer = await askObject(visit, 'overview')
  if (!answer.ok) return answerToResponse(answer)
  const overview = JSON.parse(answer.body) as Overview // made by our own read
  const options = { request: visit.request, headers: headersOf(answer) }
  return form === 'html'
    ? htmlResponse(tenantPage(overview), options)
    : markdownResponse(tenantPageMarkdown(overview), options)
}

export async function describeForModels(visit: Visit, services: readonly Service<Env>[]): Promise<Response> {
  const { tenant, context } = visit.caller
  const answer = await askObject(visit, 'schemas')
  if (!answer.ok) return answerToResponse(answer)
  const nouns = Object.values(JSON.parse(answer.body) as Readonly<Record<string, GuideNoun>>) // made by our own read
  const routes = services.flatMap((service) => service.routes ?? [])
  return plainResponse(tenantGuide({ tenant, context, operations, routes, nouns }), {
    request: visit.request,
    headers: headersOf(answer),
  })
}

/** The read takes the request's parameters, and refuses others than its own. */
async function askObject({ env, caller, target }: Visit, read: string): Promise<Answer> {
  const call: CallOf<'read'> = { kind: 'read', read, parameters: target.parameters }
  const [answer = ''] = await tenantsOf(env).ask({ caller, calls: [call] })
  return parseAnswer(answer)
}

function headersOf({ bookmark }: Answer): Readonly<Record<string, string>> {
  return { 'x-headlessly-bookmark': bookmark }
}
