// Says in sentences what a commit changed: a line for each event.

import { isPlainObject } from 'digital-objects'
import type { ToolAnswer } from './tool-answer.ts'

/** Lines about changes; further changes are counted. */
const linesMax = 40
const valueCharactersMax = 60

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
