// A write of one entity. It becomes a change that the write lane performs; `decide` runs in the lane and may depend on the
// entity's current state.

import { type Change, type Committing, type IdempotencyKey, type Secret, withContext, type Written } from '@dotdo/do'
import { type CallOf, canonicalJson, compileAuthority, type JsonValue, ObjectError } from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { type Responses, writeResponses } from '../openapi/components.ts'
import type { Described, Operation } from '../openapi/operation.ts'
import type { ParametersAbout } from '../openapi/parameter.ts'
import { entityWriteParameters } from '../openapi/parameters.ts'
import { analyzeAlone, analyzeWithin } from './analyzed-arguments.ts'
import { changedBy } from './changed-by.ts'
import { type EntityCall, toEntityCall } from './entity-call.ts'
import { type GuardedWrite, guardWrite } from './guard-write.ts'
import { happenedAt } from './happened.ts'
import { outcomeOf } from './outcome.ts'
import type { Body } from './parse-body.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

export type Resolved = Pick<Change, 'verb' | 'kind' | 'decide'>

export interface EntityWriteDefinition extends Pick<
  Operation,
  'name' | 'about' | 'routes' | 'needs' | 'isOffered' | 'body'
> {
  /** Status 200 with the entity by default. */
  readonly responses?: (described: Described) => Responses
  /** The headers of any write by default. */
  readonly parameters?: ParametersAbout
  /** Throws an ObjectError. */
  readonly resolve: (parts: WriteParts, given: EntityCall) => Resolved
  /** Whether verbs may take arguments from the analysis of their entity. */
  readonly takesAnalysis?: true
  /** Throws an ObjectError unless the body fits the Noun. `decide` checks it too, by the whole Noun. */
  readonly checkBody?: (given: EntityCall) => void
}

/** An entity of several that are written alike. */
export interface OneOfMany {
  readonly asked: WriteAsked
  readonly given: EntityCall
  /** Whether the call's own key has effect inside a commit, as it has alone. */
  readonly isOnce?: boolean
}

export interface EntityWrite extends Write {
  readonly performIn: NonNullable<Write['performIn']>
  /** Performs the write like `performIn`, for one of several entities, whose Noun and caller were looked up once, without an answer. */
  readonly performOne: (commit: Committing, parts: WriteParts, one: OneOfMany) => Written
}

interface ToPrepare {
  readonly asked: WriteAsked
  readonly given: EntityCall
  /** The secret of the entity that the write creates. */
  readonly secret?: Secret | undefined
}

export function defineEntityWrite(definition: EntityWriteDefinition): EntityWrite {
  const {
    resolve: _resolve,
    checkBody: _checkBody,
    responses = ({ noun }) => writeResponses(noun, 200),
    parameters = entityWriteParameters,
    takesAnalysis = false,
    ...described
  } = definition
  const prepare = (parts: WriteParts, toPrepare: ToPrepare): GuardedWrite => guardedWrite(definition, parts, toPrepare)
  const performOne = (
    commit: Committing,
    parts: WriteParts,
    { asked, given, isOnce = false }: Pick<OneOfMany, 'asked'> & Partial<OneOfMany>,
  ): Written => {
    const complete = takesAnalysis && given === undefined ? analyzeWithin(parts, asked) : undefined
    const whole = given ?? toEntityCall(parts, asked)
    const { change, concealed } = prepare(parts, { asked, given: complete?.(whole) ?? whole })
    if (change.kind === 'create' && secretFor(parts, whole) !== undefined) throw aloneOnly(whole)
    try {
      return isOnce ? commit.writeOnce(change) : commit.write(change)
    } catch (error) {
      throw concealed(error)
    }
  }
  return {
    kind: 'write',
    takesForce: true,
    ...described,
    parameters,
    responses,
    async perform(parts, asked) {
      const complete = takesAnalysis ? await analyzeAlone(parts, asked) : undefined
      let conceal: GuardedWrite['concealed'] = (error) => error
      let secret: Secret | undefined
      const makeChange = (): Change => {
        const given = toEntityCall(parts, asked)
        secret ??= asked.call.verb === 'create' ? secretFor(parts, given) : undefined
        const guarded = prepare(parts, { asked, given: complete?.(given) ?? given, secret })
        conceal = guarded.concealed
        return guarded.change
      }
      // A refused request must not create the tables of a tenant that was never written to.
      if (!parts.store.isReady) makeChange()
      const { tenant, context } = asked.caller
      try {
        const written = await parts.store.write(makeChange, { name: tenant, context })
        return withSecret(toResult(parts, asked, written), written.isReplay ? undefined : secret)
      } catch (error) {
        throw conceal(error)
      }
    },
    performIn: (commit, parts, asked) => toResult(parts, asked, performOne(commit, parts, { asked })),
    performOne,
  }
}

/** Throws an ObjectError. */
function guardedWrite(
  { resolve, checkBody }: EntityWriteDefinition,
  parts: WriteParts,
  { asked, given, secret }: ToPrepare,
): GuardedWrite {
  const { force } = asked.call
  if (force !== undefined) requireFullAuthority(asked.caller, 'force')
  const resolved = resolve(parts, withFields(given, secret))
  const hash = secret === undefined ? {} : { secretHash: secret.hash }
  const change = { ...toChange(asked, given, resolved), ...happenedAt(parts.store, asked.call), ...hash }
  return guardWrite(parts, { given, change, checkBody })
}

/** The secret of the entity that a creation makes, if its Noun has secrets. */
function secretFor({ store }: WriteParts, { schema, body }: EntityCall): Secret | undefined {
  return store.keys.identity?.secretFor(schema.name, body)
}

/** The answer of a batch, a program, a plan or a job is stored, and must have no secret. */
function aloneOnly({ schema }: EntityCall): ObjectError {
  const { name } = schema
  return new ObjectError({
    code: 'validation_error',
    field: name,
    message: `a new ${name} has a secret, which only the answer to a request of its own may have: create it by POST /${name}, not in a batch, program, job or dry run`,
  })
}

function withFields(given: EntityCall, secret: Secret | undefined): EntityCall {
  return secret === undefined ? given : { ...given, body: { ...given.body, ...secret.fields } }
}

/** Adds the secret to the one answer that may have it. Nothing that is stored has this text. */
function withSecret(result: WriteResult, secret: Secret | undefined): WriteResult {
  if (secret === undefined || result.body === '') return result
  const { as, text } = secret
  return { ...result, body: `${result.body.slice(0, -1)},${JSON.stringify(as)}:${JSON.stringify(text)}}` }
}

function toChange({ call, caller }: WriteAsked, { schema, body, sent }: EntityCall, resolved: Resolved): Change {
  const { id, ifVersion, idempotencyKey } = call
  const { who: actor } = caller.authority
  if (resolved.kind !== 'create' && id === undefined) {
    throw new ObjectError({
      code: 'invalid_id',
      field: 'id',
      message: `${schema.name}.${call.verb} expects the id of a ${schema.name}`,
    })
  }
  if (id === undefined && ifVersion !== undefined) {
    throw new ObjectError({
      code: 'version_conflict',
      field: 'ifVersion',
      message: `ifVersion expects an existing ${schema.name}, and ${call.verb} makes a new one`,
      detail: { currentVersion: 0 },
    })
  }
  return {
    schema,
    ...resolved,
    input: body,
    ...changedBy(caller),
    ...(id === undefined ? {} : { target: id }),
    ...(call.force === undefined ? {} : { force: call.force }),
    ...(ifVersion === undefined ? {} : { ifVersion }),
    ...(idempotencyKey === undefined ? {} : { idempotency: { actor, key: idempotencyKey, ...requestOf(call, sent) } }),
  }
}

/** The answer has what the caller may see now of the entity as it was after the write; nothing if it may not see it. */
function toResult(
  { store }: WriteParts,
  { caller, call }: WriteAsked,
  { row, kind, isReplay, isUnchanged }: Written,
): WriteResult {
  const { visibility } = compileAuthority(caller.authority, store.catalog.current.lookup)
  const events = store.eventVisibility(visibility)
  const outcome = { commit: row.commit, ...outcomeOf({ isReplay, isUnchanged }) }
  if (!events.isVisible(row)) return { body: '', ...outcome }
  return {
    body: kind === 'deleted' ? '' : withContext(events.shown(row), caller.context),
    version: row.version,
    ...(call.id === undefined && !isUnchanged ? { createdId: row.target } : {}),
    ...outcome,
  }
}

/** Equal values are one request, whatever the spacing and the order of keys in the body. */
function requestOf(
  { noun, verb, id, ifVersion, at, force, body: sent }: CallOf<'write'>,
  body: Body,
): Pick<IdempotencyKey, 'request' | 'asSent'> {
  const happened = [...(at === undefined ? [] : [at]), ...(force === undefined ? [] : [{ force }])]
  const request = (of: JsonValue): string =>
    JSON.stringify([noun, verb, id ?? null, ifVersion ?? null, of, ...happened])
  return { request: request(canonicalJson(body)), asSent: request(sent) }
}
