// Stored functions before a verb: each gets the entity as it would become, may return fields to change, or throw to refuse.

import type { AsyncBeforeHandler, ObjectParts } from '@dotdo/service'
import {
  canonicalJson,
  type EntityFields,
  isPlainObject,
  type JsonValue,
  ObjectError,
  type ObjectErrorData,
  sha256Hex,
  tryParseJson,
} from 'digital-objects'
import type { RunCalls } from '../sandbox/sandbox.ts'
import type { FunctionRunner } from './function-runner.ts'
import type { StoredFunction, StoredFunctions } from './stored-functions.ts'

type Context = Parameters<AsyncBeforeHandler['run']>[1]

export function beforeFunctions(of: {
  readonly parts: ObjectParts
  readonly functions: StoredFunctions
  readonly runner: FunctionRunner
}): AsyncBeforeHandler {
  const { functions } = of
  return {
    id: 'functions.do/before',
    applies: (noun, verb) => functions.before(noun, verb).length > 0,
    stamp: (noun, verb) =>
      functions
        .before(noun, verb)
        .map(({ id, version }) => `${id} ${version}`)
        .join(),
    run: async (fields, context) => {
      let given = fields
      for (const stored of functions.before(context.schema.name, context.verb))
        given = await runBefore(of, stored, { fields: given, context })
      return given
    },
  }
}

async function runBefore(
  { parts, runner }: { readonly parts: ObjectParts; readonly runner: FunctionRunner },
  stored: StoredFunction,
  { fields, context }: { readonly fields: EntityFields; readonly context: Context },
): Promise<EntityFields> {
  const { schema, verb, previous, target, actor, nowMs } = context
  const entity = { $type: schema.name, ...(target === undefined ? {} : { $id: target }), ...fields }
  const info = {
    verb,
    actor,
    now: new Date(nowMs).toISOString(),
    ...(previous === undefined ? {} : { previous: { ...previous } }),
  }
  const openCalls = (): RunCalls => ({
    send: (text) => parts.answerReads(text, context.read),
    isRepeatable: () => true,
    ended: new Promise(() => {}),
    close: () => {},
  })
  const outcome = await runner.run(stored, {
    given: [entity, info],
    nowMs,
    openCalls,
    actor,
    inputKey: sha256Hex(canonicalJson([verb, entity])),
  })
  if (!outcome.ok) throw refusalOf(stored, outcome.error)
  return merged(stored, fields, resultIn(outcome.body))
}

function resultIn(body: string): JsonValue | undefined {
  const report = tryParseJson(body)
  return isPlainObject(report) ? (report['result'] as JsonValue) : undefined
}

/** The result of a function changes the fields that it names; null clears one. */
function merged({ name }: StoredFunction, fields: EntityFields, result: JsonValue | undefined): EntityFields {
  if (result === undefined || result === null) return fields
  if (!isPlainObject(result)) {
    const message = `the function '${name}' expects to return fields, or nothing; it returned ${JSON.stringify(result).slice(0, 64)}`
    throw new ObjectError({ code: 'hook_rejected', message, detail: { function: name } })
  }
  const entries = Object.entries({ ...fields, ...result })
  const kept = entries.filter(([field, value]) => !field.startsWith('$') && value !== null && value !== undefined)
  return Object.fromEntries(kept)
}

/** A function that fails refuses the write: nobody knows what it would have said. */
function refusalOf({ name }: StoredFunction, error: ObjectErrorData): ObjectError {
  // A read that has become outdated is repeated with the write.
  if (error.code === 'read_conflict' || error.code === 'overloaded') return new ObjectError(error)
  return new ObjectError({ ...error, code: 'hook_rejected', detail: { ...error.detail, function: name } })
}
