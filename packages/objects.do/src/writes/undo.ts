// `commits.undo` and `commits.undoMany`: take back one commit, a range of commits, or everything that one actor did since a
// time, by a new commit.

import { actorCharactersMax, type IdempotencyKey } from '@dotdo/do'
import { canonicalJson, compileAuthority, type JsonValue, ObjectError, parseDatetime } from 'digital-objects'
import { commitToText, parseCommitNumber, readCommit } from '../commits/logged-commit.ts'
import { readUndone, type UndoSelection } from '../commits/undone-commits.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { createHeaders } from '../openapi/parameters.ts'
import { type Body, parseBody } from './parse-body.ts'
import { undoIn } from './undo-work.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

export const undo: Write = defineUndo({
  name: 'commits.undo',
  about: 'Take back one commit by a new one that restores what it changed',
  path: '/commits/{id}/undo',
  parse: (body, id) => {
    refuseOthers(body, [])
    return { kind: 'commit', number: parseCommitNumber(id) }
  },
})

export const undoMany: Write = defineUndo({
  name: 'commits.undoMany',
  about: 'Take back a range of commits, or all commits of one actor since a time, by a new commit',
  path: '/commits/undo',
  body: { isRequired: true, schema: () => ref('UndoSelection') },
  parse: parseSelection,
})

function defineUndo({
  name,
  about,
  path,
  body,
  parse,
}: Pick<Write, 'name' | 'about' | 'body'> & {
  readonly path: string
  readonly parse: (body: Body, id: string) => UndoSelection
}): Write {
  return {
    kind: 'write',
    name,
    about,
    routes: [{ methods: ['POST'], path }],
    listedAs: { tag: 'log', operationId: name },
    parameters: createHeaders,
    ...(body === undefined ? {} : { body }),
    responses: () => ({ 200: jsonResponse('The commit that undoes', ref('UndoingCommit')) }),
    perform: (parts, asked) => perform(parts, asked, parse(parseBody(asked.call.body), asked.call.id ?? '')),
  }
}

async function perform(parts: WriteParts, asked: WriteAsked, selection: UndoSelection): Promise<WriteResult> {
  const { store } = parts
  const { call, caller } = asked
  if (call.ifVersion !== undefined)
    throw invalid('ifVersion', `${call.verb} does not support it: later changes are conflicts`)
  const { tenant, context } = caller
  const visible = () =>
    store.eventVisibility(compileAuthority(caller.authority, store.catalog.current.lookup).visibility)
  const { commit, isReplay } = await store.commit(
    (committing) => {
      undoIn(committing, { parts, caller, rows: readUndone(store.events, selection, visible()) })
      return null
    },
    { tenant: { name: tenant, context }, ...idempotencyOf(asked) },
  )
  const outcome = isReplay ? { isReplay } : {}
  if (commit === undefined)
    return {
      body: commitToText({ number: null, rows: [] }, { visibility: visible(), context }),
      isUnchanged: true,
      ...outcome,
    }
  const body = await store.reading(() => {
    const visibility = visible()
    return commitToText(readCommit(store.events, commit, visibility), { visibility, context })
  })
  return { body, commit, ...outcome }
}

function idempotencyOf({ call, caller }: WriteAsked): { readonly idempotency?: IdempotencyKey } {
  const { idempotencyKey: key, verb, id, body } = call
  if (key === undefined) return {}
  const request = JSON.stringify([verb, id ?? null, canonicalJson(parseBody(body))])
  return { idempotency: { actor: caller.authority.who, key, request } }
}

function parseSelection(body: Body): UndoSelection {
  if (body['actor'] !== undefined || body['since'] !== undefined) {
    refuseOthers(body, ['actor', 'since'])
    return { kind: 'actor', actor: parseActor(body['actor']), sinceMs: parseSince(body['since']) }
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

function refuseOthers(body: Body, known: readonly string[]): void {
  const other = Object.keys(body).find((name) => !known.includes(name))
  if (other === undefined) return
  const expected = known.length === 0 ? 'no fields' : `{ from, to } or { actor, since }`
  throw invalid(other.slice(0, 64), `is unknown: an undo expects ${expected}`)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message: `undo: '${field}' ${message}` })
}

function shorten(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 64)
}
