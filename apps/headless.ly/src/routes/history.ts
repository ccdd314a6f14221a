// `POST /~acme/history`: loads a body of any size while it arrives, chunk by chunk. If it is cut off, the lines of the chunks
// before are in, and the same body may be sent again.

import { type CallOf, ObjectError } from 'digital-objects'
import { type Answer, parseAnswer } from 'objects.do'
import { readLines } from '../base/body-lines.ts'
import type { Handler, Visit } from '../base/visit.ts'
import { writeConditions } from '../base/write-conditions.ts'
import { readPathOf } from '../read/read-path-of.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'
import { answerToResponse } from './answer-response.ts'

/** The memory of a load: a chunk as bytes, as lines and as a message. */
export const historyBytes = 2 ** 22

export const loadHistory: Handler = async (visit) => {
  const { request, env, target } = visit
  const { from = '1', ...others } = target.parameters
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid(unknown, `unknown parameter '${unknown.slice(0, 64)}'; expected from`)
  if (!/^[1-9]\d{0,8}$/.test(from))
    throw invalid('from', `from expects the number of a line, got '${from.slice(0, 64)}'`)
  const { at, ifVersion } = writeConditions(request.headers)
  const conditions = { ...(at === undefined ? {} : { at }), ...(ifVersion === undefined ? {} : { ifVersion }) }
  let next = Number(from)
  let answer: Answer | undefined
  for await (const lines of readLines(request)) {
    const call = {
      kind: 'write',
      noun: '',
      verb: 'history.load',
      id: String(next),
      body: lines.join('\n'),
      ...conditions,
    } as const
    answer = await visit.inWork(() => ask(visit, call))
    readPathOf(env)?.wrote(visit.caller.tenant, answer.bookmark)
    if (!answer.ok) break
    next += lines.length
  }
  if (answer === undefined)
    throw new ObjectError({ code: 'invalid_body', field: 'body', message: 'the body expects lines' })
  return answerToResponse(answer)
}

async function ask({ env, caller }: Visit, call: CallOf<'write'>): Promise<Answer> {
  const [answer = ''] = await tenantsOf(env).ask({ caller, calls: [call] })
  return parseAnswer(answer)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field: field.slice(0, 64), message })
}
