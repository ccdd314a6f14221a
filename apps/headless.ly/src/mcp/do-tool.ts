// `do`: runs code as one commit, and says in sentences what it changed.

import { isPlainObject } from 'digital-objects'
import { ToolArguments } from './arguments.ts'
import type { AskTenant } from './tenant-requests.ts'
import { acceptedBody, describeProblem, type ToolAnswer, ToolError } from './tool-answer.ts'

/** Lines about changes; further changes are counted. */
const linesMax = 40
const valueCharactersMax = 60

export async function run(ask: AskTenant, given: unknown): Promise<ToolAnswer> {
  const args = new ToolArguments(given, ['code', 'dryRun'])
  const code = args.text('code')
  if (code === undefined) throw new ToolError('code expects the body of an async JavaScript function')
  const isDryRun = args.flag('dryRun')
  const body = { code: toFunction(code), ...(isDryRun ? { dryRun: true } : {}) }
  const reply = await ask({ method: 'POST', path: ['do'], body })
  const { result = null, logs, exceptions, events, refusals, plan } = acceptedBody(reply)
  const rest = {
    ...(Array.isArray(logs) && logs.length > 0 ? { logs } : {}),
    ...(exceptions === undefined ? {} : { exceptions }),
  }
  if (isDryRun)
    return { dryRun: true, result, changes: describeChanges(events), ...refused(refusals), ...planned(plan), ...rest }
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

function planned(plan: unknown): ToolAnswer {
  return typeof plan === 'string' ? { plan } : {}
}

/** Returns a line for each event: `Deal.Won deal_1VbZ0kQ3x9Ta "Big deal": stage Open → Won`. */
export function describeChanges(events: unknown): readonly string[] {
  const all = (Array.isArray(events) ? events : []).filter(isPlainObject)
  const lines = all.slice(0, linesMax).map(describeEvent)
  return all.length <= linesMax ? lines : [...lines, `and ${all.length - linesMax} further changes`]
}

function describeEvent({ type, target, data, changes }: ToolAnswer): string {
  const fields = isPlainObject(data) ? data : {}
  const name = ['name', 'title', 'subject', 'number']
    .map((field) => fields[field])
    .find((value) => typeof value === 'string')
  const named = typeof name === 'string' ? ` ${show(name)}` : ''
  const changed = Object.entries(isPlainObject(changes) ? changes : {}).map(([field, change]) =>
    describeChange(field, change),
  )
  return `${String(type)} ${String(target)}${named}${changed.length === 0 ? '' : `: ${changed.join(', ')}`}`
}

function describeChange(field: string, change: unknown): string {
  const { from = null, to = null } = isPlainObject(change) ? change : {}
  return from === null ? `${field} ${show(to)}` : `${field} ${show(from)} → ${show(to)}`
}

function show(value: unknown): string {
  const text = value === null ? 'nothing' : (JSON.stringify(value) ?? '')
  return text.length <= valueCharactersMax ? text : `${text.slice(0, valueCharactersMax)}…`
}
