// The body of an undo of many commits: a range, those of one actor since a time, or those that a job has made.

import { actorCharactersMax } from '@dotdo/do'
import { type JsonValue, ObjectError, parseDatetime } from 'digital-objects'
import type { UndoSelection } from '../commits/undone-commits.ts'
import type { Body } from '../writes/parse-body.ts'

const idCharactersMax = 64

/** Throws an ObjectError that names the field. */
export function parseSelection(body: Body): UndoSelection {
  if (body['actor'] !== undefined || body['since'] !== undefined) {
    refuseOthers(body, ['actor', 'since'])
    return { kind: 'actor', actor: parseActor(body['actor']), sinceMs: parseSince(body['since']) }
  }
  if (body['job'] !== undefined) {
    refuseOthers(body, ['job'])
    return { kind: 'job', job: parseJob(body['job']) }
  }
  refuseOthers(body, ['from', 'to'])
  const [from, to] = [parseEnd(body, 'from'), parseEnd(body, 'to')]
  if (from > to) throw invalid('to', `expects a commit from ${from} on, got ${to}`)
  return { kind: 'range', from, to }
}

function parseEnd(body: Body, name: 'from' | 'to'): number {
  const value = body[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value
  throw invalid(name, `expects the number of a commit, got ${shorten(value)}`)
}

function parseActor(value: JsonValue | undefined): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= actorCharactersMax) return value
  throw invalid('actor', `expects the id of an actor, got ${shorten(value)}`)
}

function parseSince(value: JsonValue | undefined): number {
  const sinceMs = typeof value === 'string' ? parseDatetime(value) : undefined
  if (sinceMs === undefined)
    throw invalid('since', `expects a time such as 2026-01-01T00:00:00Z, got ${shorten(value)}`)
  return sinceMs
}

function parseJob(value: JsonValue | undefined): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= idCharactersMax) return value
  throw invalid('job', `expects the id of a job, got ${shorten(value)}`)
}

export function refuseOthers(body: Body, known: readonly string[]): void {
  const other = Object.keys(body).find((name) => !known.includes(name))
  if (other === undefined) return
  const expected = known.length === 0 ? 'no fields' : '{ from, to }, { actor, since } or { job }'
  throw invalid(other.slice(0, 64), `is unknown: an undo expects ${expected}`)
}

export function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message: `undo: '${field}' ${message}` })
}

function shorten(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 64)
}
