// A call to write, turned into the change that the lane carries out: which Noun, which verb, and what the entity's
// fields become. Everything that depends on the entity as it is runs inside the lane, in `decide`.

import { createHash } from 'node:crypto'
import type { Change, DecideContext } from '@dotdo/do'
import {
  applyVerb,
  type EntityFields,
  type JsonValue,
  nearestName,
  type NounLookup,
  type NounSchema,
  ObjectError,
  validateCreate,
  validateUpdate,
  type Verb,
  parseJson,
} from 'digital-objects'
import { acceptedFields } from './accepted-fields.ts'
import type { WriteCall } from './call.ts'
import { parseMoment } from './parameters.ts'
import { checkId, findNoun } from './find-noun.ts'

/** What a rollback needs of the tenant's history. */
export interface RollbackTarget {
  /** The last `seq` at a moment. */
  readonly seqAt: (momentMs: number) => number
  /** The `seq` of an entity's version; undefined when it never had it. */
  readonly seqOfVersion: (schema: NounSchema, id: string, version: number) => number | undefined
}

export function callToChange(
  call: WriteCall,
  parts: { readonly lookup: NounLookup; readonly history: RollbackTarget },
): Change {
  const schema = findNoun(parts.lookup, call.noun)
  if (call.id !== undefined) checkId(schema, call.id)
  const body = parseBody(call.body)
  const { verb, kind, decide } = resolve({ call, schema, body, history: parts.history })
  if (kind !== 'create' && call.id === undefined) {
    throw new ObjectError({
      code: 'invalid_id',
      field: 'id',
      message: `${schema.name}.${call.verb} expects the id of the ${schema.name} it is for`,
    })
  }
  return {
    schema,
    verb,
    kind,
    decide,
    actor: call.actor,
    via: call.via,
    ...(call.id === undefined ? {} : { target: call.id }),
    ...(call.onBehalfOf === undefined ? {} : { onBehalfOf: call.onBehalfOf }),
    ...(call.ifVersion === undefined ? {} : { ifVersion: call.ifVersion }),
    ...(call.idempotencyKey === undefined
      ? {}
      : { idempotency: { actor: call.actor, key: call.idempotencyKey, hash: hashOf(call) } }),
  }
}

interface Resolved {
  readonly verb: Verb
  readonly kind: Change['kind']
  readonly decide: (context: DecideContext) => EntityFields
}

function resolve(options: { call: WriteCall; schema: NounSchema; body: Body; history: RollbackTarget }): Resolved {
  const { call, schema, body, history } = options
  switch (call.verb) {
    case 'create':
      return {
        verb: crudVerb(schema, 'create'),
        kind: 'create',
        decide: () => acceptedFields(validateCreate(schema, body), `${schema.name}.create`),
      }
    case 'update':
      return {
        verb: crudVerb(schema, 'update'),
        kind: 'change',
        decide: ({ current }) => merge(current, acceptedFields(validateUpdate(schema, body), `${schema.name}.update`)),
      }
    case 'delete':
      return { verb: crudVerb(schema, 'delete'), kind: 'remove', decide: ({ current }) => current ?? {} }
    case 'rollback':
      return {
        verb: crudVerb(schema, 'update'),
        kind: 'restore',
        decide: decideRollback({ call, schema, body, history }),
      }
    default:
      return resolveCustom({ call, schema, body })
  }
}

function crudVerb(schema: NounSchema, name: 'create' | 'update' | 'delete'): Verb {
  const verb = Object.hasOwn(schema.verbs, name) ? schema.verbs[name] : undefined
  if (verb !== undefined) return verb
  throw new ObjectError({
    code: 'verb_disabled',
    message: `${schema.name} takes no ${name}: its definition takes the verb away`,
  })
}

function resolveCustom(options: { call: WriteCall; schema: NounSchema; body: Body }): Resolved {
  const { call, schema, body } = options
  const verb = Object.hasOwn(schema.verbs, call.verb) ? schema.verbs[call.verb] : undefined
  if (verb === undefined || verb.category === 'crud') throw unknownVerb(schema, call.verb)
  const isCreation = call.id === undefined && verb.effect.creates === true
  const decide = ({ current, nowMs }: DecideContext): EntityFields => {
    const input = verbInput(schema, verb, body)
    const base = isCreation ? undefined : current
    const fields = applyVerb({ schema, verb, current: base, input, nowMs })
    // A verb that creates is held to what a creation is held to.
    return isCreation ? acceptedFields(validateCreate(schema, fields), `${schema.name}.${verb.name}`) : fields
  }
  return { verb, kind: isCreation ? 'create' : 'change', decide }
}

/** The caller's arguments, valid by the Noun; those that only the verb reads pass as they are. */
function verbInput(schema: NounSchema, verb: Verb, body: Body): Record<string, JsonValue> {
  const { argumentAliases = {}, argumentsOnly = [] } = verb.effect
  const own: Record<string, JsonValue> = {}
  const ofFields: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(body)) {
    if (argumentsOnly.includes(name)) own[name] = value
    else ofFields[Object.hasOwn(argumentAliases, name) ? (argumentAliases[name] as string) : name] = value
  }
  return { ...acceptedFields(validateUpdate(schema, ofFields), `${schema.name}.${verb.name}`), ...own }
}

function unknownVerb(schema: NounSchema, name: string): ObjectError {
  const custom = Object.values(schema.verbs).filter((verb) => verb.category === 'custom')
  const meant = Object.values(schema.verbs).find((verb) => [verb.gerund, verb.past, verb.by, verb.event].includes(name))
  const nearest =
    meant?.name ??
    nearestName(
      name,
      custom.map((verb) => verb.name),
    )
  const hint =
    nearest === undefined
      ? `its verbs are ${custom.map((verb) => verb.name).join(', ') || 'none'}`
      : `did you mean '${nearest}'?`
  return new ObjectError({
    code: 'unknown_verb',
    field: 'verb',
    message: `${schema.name} has no verb '${name.slice(0, 64)}'; ${hint}`,
  })
}

function decideRollback(options: {
  call: WriteCall
  schema: NounSchema
  body: Body
  history: RollbackTarget
}): Resolved['decide'] {
  const { call, schema, body, history } = options
  const { asOf, version, ...others } = body
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined || (asOf === undefined) === (version === undefined)) {
    throw new ObjectError({
      code: 'invalid_body',
      field: unknown ?? 'asOf',
      message: 'rollback expects either { asOf } or { version }',
    })
  }
  return ({ versionAt }) => {
    const id = call.id ?? ''
    const seq =
      asOf === undefined
        ? history.seqOfVersion(schema, id, parseVersion(version))
        : history.seqAt(parseMoment('asOf', asOf))
    const earlier = seq === undefined ? undefined : versionAt(id, seq)
    if (earlier !== undefined) return earlier.fields
    const when = asOf === undefined ? `at version ${String(version)}` : `at ${String(asOf)}`
    throw new ObjectError({
      code: 'not_found',
      field: asOf === undefined ? 'version' : 'asOf',
      message: `there was no ${schema.name} '${id}' ${when}`,
    })
  }
}

function parseVersion(version: JsonValue | undefined): number {
  if (typeof version === 'number' && Number.isSafeInteger(version) && version >= 1) return version
  throw new ObjectError({
    code: 'invalid_body',
    field: 'version',
    message: `version expects a positive integer, got ${JSON.stringify(version)}`,
  })
}

type Body = Readonly<Record<string, JsonValue>>

function parseBody(text: string | undefined): Body {
  if (text === undefined || text === '') return {}
  const value = parseJson(
    text,
    ({ message }) =>
      new ObjectError({
        code: 'invalid_json',
        field: 'body',
        message: `the body is not JSON: ${message.slice(0, 200)}`,
      }),
  )
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body
  throw new ObjectError({
    code: 'invalid_body',
    field: 'body',
    message: `the body expects a JSON object, got ${Array.isArray(value) ? 'an array' : JSON.stringify(value).slice(0, 40)}`,
  })
}

/** A named field is replaced, null clears it. */
function merge(current: EntityFields | undefined, patch: EntityFields): EntityFields {
  const fields: Record<string, JsonValue> = { ...current }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete fields[name]
    else fields[name] = value
  }
  return fields
}

function hashOf(call: WriteCall): string {
  return createHash('sha256')
    .update(JSON.stringify([call.noun, call.verb, call.id ?? null, call.ifVersion ?? null, call.body ?? '']))
    .digest('hex')
}
