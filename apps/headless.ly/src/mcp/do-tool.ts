// `do`: runs code as one commit, and says in sentences what it changed.

import { isPlainObject } from 'digital-objects'
import { ToolArguments } from './arguments.ts'
import { throwIfApprovalNeeded } from './approval-question.ts'
import { describeChanges } from './describe-changes.ts'
import type { AskTenant } from './tenant-requests.ts'
import { acceptedBody, describeProblem, type ToolAnswer, ToolError } from './tool-answer.ts'

export async function run(ask: AskTenant, given: unknown): Promise<ToolAnswer> {
  const args = new ToolArguments(given, ['code', 'dryRun'])
  const code = args.text('code')
  if (code === undefined) throw new ToolError('code expects the body of an async JavaScript function')
  const isDryRun = args.flag('dryRun')
  const body = { code: toFunction(code), ...(isDryRun ? { dryRun: true } : {}) }
  const reply = await ask({ method: 'POST', path: ['do'], body })
  await throwIfApprovalNeeded(ask, reply)
  const { result = null, logs, exceptions, events, refusals, plan, approval } = acceptedBody(reply)
  const rest = {
    ...(Array.isArray(logs) && logs.length > 0 ? { logs } : {}),
    ...(exceptions === undefined ? {} : { exceptions }),
  }
  if (isDryRun)
    return {
      dryRun: true,
      result,
      changes: describeChanges(events),
      ...refused(refusals),
      ...planned(plan),
      ...needs(approval),
      ...rest,
    }
  if (reply.commit === undefined) return { result, changes: [], ...rest }
  const commit = await ask({ path: ['commits', reply.commit] })
  return { result, commit: Number(reply.commit), changes: describeChanges(commit.body['events']), ...rest }
}

/** The source of a function stays as it is. An expression is what the function returns. */
export function toFunction(code: string): string {
  const text = code.trim()
  if (/^(?:async\b\s*)?(?:function\b|\(\s*[\w$,\s{}]*\)\s*=>|[\w$]+\s*=>)/.test(text)) return text
  const isExpression =
    !/[;\n]/.test(text.replace(/;$/, '')) && !/^(?:return|const|let|var|throw|if|for|while|try|switch)\b/.test(text)
  return isExpression ? `async ($) => { return ${text.replace(/;$/, '')}\n}` : `async ($) => { ${text}\n}`
}

function refused(refusals: unknown): ToolAnswer {
  if (!Array.isArray(refusals) || refusals.length === 0) return {}
  return {
    refusals: refusals
      .filter(isPlainObject)
      .map(({ problem }) => (isPlainObject(problem) ? describeProblem(problem) : '')),
  }
}

/** The changes of a dry run for which a person would be asked. */
function needs(approval: unknown): ToolAnswer {
  return Array.isArray(approval) && approval.length > 0 ? { needsApproval: approval } : {}
}

function planned(plan: unknown): ToolAnswer {
  return typeof plan === 'string' ? { plan } : {}
}
