// `batch`: up to 100 operations in one request. By default they are one commit: all of them or none.

import type { Committing } from '@dotdo/do'
import { type Call, type CallOf, ObjectError } from 'digital-objects'
import { answerCharactersMax, noRoomForWrite } from '../answers/answer-room.ts'
import { parseTimestamp } from '../entities/parameters.ts'
import { commitResponse, ref } from '../openapi/components.ts'
import { createParameters } from '../openapi/parameters.ts'
import { commitCall, earlierAnswer, isStorable } from '../writes/commit-call.ts'
import { dryRun } from '../writes/dry-run.ts'
import { withManyOfBody } from '../writes/many-of-body.ts'
import { parseBody } from '../writes/parse-body.ts'
import { requireForceable } from '../writes/require-forceable.ts'
import type { PartResult, Write, WriteAsked, WriteParts, WriteResult } from '../writes/write.ts'
import { BatchRun, type OperationAnswer } from './batch-run.ts'
import { type Batch, parseBatch } from './parse-batch.ts'

export const batch: Write = {
  kind: 'write',
  name: 'batch',
  about: 'Perform several operations, all of them or none',
  routes: [{ methods: ['POST'], path: '/batch' }],
  listedAs: { tag: 'batch', operationId: 'batch' },
  parameters: createParameters,
  body: { isRequired: true, schema: () => ref('Batch') },
  responses: () => ({ 200: commitResponse('The results, in the order of the operations', 'BatchResults') }),
  isWhole: true,

  async perform(parts, asked) {
    const given = parse(parts, asked)
    if (given.isDryRun) return dryRun(batch, parts, asked)
    if (!given.isAtomic) return performEach(parts, asked, given)
    return commitCall(parts, asked, (commit) => performAll(commit, { parts, asked, batch: given }))
  },

  performIn(commit, parts, asked) {
    const given = parse(parts, asked)
    const all = { parts, asked, batch: given }
    return given.isAtomic ? performAll(commit, all) : tryEach(commit, all)
  },
}

function parse({ calls }: WriteParts, { call }: WriteAsked): Batch {
  const parsed = parseBatch(parseBody(call.body), calls.route)
  const { at } = call
  if (at === undefined) return parsed
  return { ...parsed, operations: parsed.operations.map((operation) => ({ ...operation, at: operation.at ?? at })) }
}

interface BatchAsked {
  readonly parts: WriteParts
  readonly asked: WriteAsked
  readonly batch: Batch
}

/** Throws an ObjectError `batch_failed` with every failure if there is one. */
function performAll(commit: Committing, given: BatchAsked): WriteResult {
  const { events } = given.parts.store
  const run = new BatchRun(given.batch, given.parts.calls.route)
  run.run((call) => answerIn(commit, { ...given, run, call }))
  if (run.failures.length > 0) throw run.failed()
  return { body: run.format(events.head < commit.number ? null : commit.number) }
}

/** A dry run of operations that would be commits of their own. */
function tryEach(commit: Committing, given: BatchAsked): PartResult {
  const { events } = given.parts.store
  const run = new BatchRun(given.batch, given.parts.calls.route)
  const commits: number[] = []
  run.run((call) => {
    const next = events.head + 1
    const answer = answerIn(commit, { ...given, run, call })
    if (events.head < next) return answer
    commits.push(next)
    return { ...answer, commit: next }
  })
  return { body: run.format(), refusals: run.failures, commits }
}

function answerIn(
  commit: Committing,
  given: BatchAsked & { readonly run: BatchRun; readonly call: Call },
): OperationAnswer {
  const { call, run } = given
  const answer = call.kind === 'read' ? readIn(commit, given, call) : writeIn(commit, given, call)
  if (run.characters + answer.body.length > answerCharactersMax) throw tooLarge()
  return answer
}

function writeIn(commit: Committing, { parts, asked }: BatchAsked, call: Call): OperationAnswer {
  if (call.kind !== 'write') throw new Error('the route admits reads and writes')
  const whole = withManyOfBody(call)
  const write = parts.calls.findWrite(whole)
  requireForceable(write, whole)
  const { performIn } = write
  if (performIn === undefined) throw new Error('the route admits only writes that may be part of a commit')
  return performIn(commit, parts, { call: whole, caller: asked.caller })
}

/** A read inside a commit sees the writes before it. */
function readIn(commit: Committing, { parts, asked }: BatchAsked, call: CallOf<'read'>): OperationAnswer {
  const { asOf } = call.parameters
  if (asOf !== undefined && parseTimestamp('asOf', asOf) >= commit.nowMs) {
    const message = 'asOf expects a time before the batch, whose own changes have no past yet'
    throw new ObjectError({ code: 'invalid_as_of', field: 'asOf', message })
  }
  return parts.calls.read(parts.store, { caller: asked.caller, call })
}

/**
 * Each operation by itself. A failed one stops only those that use its result. After a crash in the middle, the operations
 * that were performed are not repeated, since each has a key of its own; once all are, the answer is stored.
 */
async function performEach(parts: WriteParts, asked: WriteAsked, given: Batch): Promise<WriteResult> {
  if (asked.call.idempotencyKey === undefined) return answerEach(parts, asked, given)
  // Refuses the key of another batch, however far that one came.
  await commitCall(parts, asked, () => ({ body: '' }))
  const ofAnswer = { ...asked, call: withKey(asked.call, asked, 'answer') }
  const earlier = await earlierAnswer(parts, ofAnswer)
  if (earlier !== undefined) return { body: earlier.body, isReplay: true }
  const result = await answerEach(parts, asked, given)
  if (isStorable(result)) await commitCall(parts, ofAnswer, () => result)
  return result
}

async function answerEach(parts: WriteParts, asked: WriteAsked, given: Batch): Promise<WriteResult> {
  const run = new BatchRun(given, parts.calls.route)
  for (const at of given.order) {
    const call = run.prepare(at)
    if (call === undefined) continue
    const answer = await parts.calls.answer(call.kind === 'write' ? withKey(call, asked, at) : call)
    const hasRoom = !answer.ok || run.characters + answer.body.length <= answerCharactersMax
    if (hasRoom) run.settle(at, answer.ok ? { ok: true, answer } : answer)
    else run.settle(at, { ok: false, error: call.kind === 'write' ? noRoomForWrite : tooLarge().toData() })
  }
  return { body: run.format() }
}

/** No client can send such a key, since it has a line break. */
function withKey(
  call: CallOf<'write'>,
  { call: { idempotencyKey } }: WriteAsked,
  part: number | 'answer',
): CallOf<'write'> {
  return idempotencyKey === undefined ? call : { ...call, idempotencyKey: `${idempotencyKey}\n${part}` }
}

function tooLarge(): ObjectError {
  const message = `the results of a batch hold at most ${answerCharactersMax} characters; read less`
  return new ObjectError({ code: 'payload_too_large', message })
}
