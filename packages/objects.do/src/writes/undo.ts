// `commits.undo` and `commits.undoMany`: take back one commit, a range of commits, or everything that one actor did since a
// time, by a new commit.

import { actorCharactersMax, type Committing, type EventVisibility, type LogRow } from '@dotdo/do'
import { compileAuthority, type JsonValue, ObjectError, parseDatetime } from 'digital-objects'
import { commitToText, eventsOfCommit, parseCommitNumber } from '../commits/logged-commit.ts'
import { readUndone, type UndoSelection } from '../commits/undone-commits.ts'
import { commitResponse, ref } from '../openapi/components.ts'
import { createParameters } from '../openapi/parameters.ts'
import { keyOf, tenantOf } from './commit-call.ts'
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

interface UndoDefinition extends Pick<Write, 'name' | 'about' | 'body'> {
  readonly path: string
  readonly parse: (body: Body, id: string) => UndoSelection
}

function defineUndo({ name, about, path, body, parse }: UndoDefinition): Write {
  const selectionOf = ({ call }: WriteAsked): UndoSelection => {
    if (call.ifVersion !== undefined) throw invalid('ifVersion', 'is not supported: later changes are conflicts')
    return parse(parseBody(call.body), call.id ?? '')
  }
  return {
    kind: 'write',
    name,
    about,
    routes: [{ methods: ['POST'], path }],
    listedAs: { tag: 'log', operationId: name },
    parameters: createParameters,
    ...(body === undefined ? {} : { body }),
    responses: () => ({ 200: commitResponse('The commit that undoes', 'UndoingCommit') }),
    // A refused one may have made a part of its changes, which only the end of the whole commit takes back.
    isWhole: true,
    perform: (parts, asked) => perform(parts, asked, selectionOf(asked)),
    performIn(commit, parts, asked) {
      const rows = undoNow(commit, { parts, asked, selection: selectionOf(asked) })
      return bodyOf({ number: rows.length === 0 ? null : commit.number, rows }, parts, asked)
    },
  }
}

/** The answer is read from the log, so that it need not be stored under an idempotency key. */
async function perform(parts: WriteParts, asked: WriteAsked, selection: UndoSelection): Promise<WriteResult> {
  const { store } = parts
  const nothing = { ...bodyOf({ number: null, rows: [] }, parts, asked), isUnchanged: true }
  // A request must not create the tables of a tenant that was never written to.
  if (!store.isReady) {
    readUndone(selection, { log: store.events, visibility: visibilityOf(parts, asked), before: 1 })
    return nothing
  }
  const idempotency = keyOf(asked)
  const { commit, isReplay } = await store.commit(
    (committing) => {
      undoNow(committing, { parts, asked, selection })
      return null
    },
    { tenant: tenantOf(asked), ...(idempotency === undefined ? {} : { idempotency }) },
  )
  const outcome = isReplay ? { isReplay } : {}
  if (commit === undefined) return { ...nothing, ...outcome }
  const made = await store.reading(() =>
    bodyOf({ number: commit, rows: eventsOfCommit(store.events, commit) }, parts, asked),
  )
  return { ...made, commit, ...outcome }
}

function undoNow(
  commit: Committing,
  {
    parts,
    asked,
    selection,
  }: { readonly parts: WriteParts; readonly asked: WriteAsked; readonly selection: UndoSelection },
): readonly LogRow[] {
  const { events: log } = parts.store
  const rows = readUndone(selection, { log, visibility: visibilityOf(parts, asked), before: commit.number })
  return undoIn(commit, { parts, asked, rows })
}

function bodyOf(
  commit: { readonly number: number | null; readonly rows: readonly LogRow[] },
  parts: WriteParts,
  asked: WriteAsked,
): { readonly body: string } {
  const visibility = visibilityOf(parts, asked)
  const rows = commit.rows.filter((row) => visibility.isVisible(row))
  return { body: commitToText({ ...commit, rows }, { visibility, context: asked.caller.context }) }
}

function visibilityOf({ store }: WriteParts, { caller }: WriteAsked): EventVisibility {
  return store.eventVisibility(compileAuthority(caller.authority, store.catalog.current.lookup).visibility)
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
