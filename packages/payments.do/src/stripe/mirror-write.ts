// Writes of a mirror: a change whose values Stripe has decided, by the verb that says what happened there. It passes the table of
// states and all bounds, and the fields that only verbs set are exactly those of the object.

import type { ObjectParts } from '@dotdo/service'
import { decideChange, type EntityFields, type JsonValue, type NounSchema, ObjectError } from 'digital-objects'
import type { Values } from './object-fields.ts'
import { rowOfNoun } from './object-table.ts'

/** The actor of all that Stripe decides. */
export const stripeActor = 'stripe'

export interface MirrorWrite {
  readonly noun: string
  readonly verb: string
  /** Without it, an entity is created. */
  readonly target?: string | undefined
  /** Arguments of the verb, which fill and check as those of a caller. */
  readonly input?: Values
  /** Values that the entity has afterwards, whatever the verb says; null for none. */
  readonly exact?: Values
  /** The time at which it happened. */
  readonly at?: string | undefined
  /** A reason, for a change to which no verb leads. */
  readonly force?: string
}

/** Returns the id of the entity. Throws an ObjectError if the change is refused. */
export async function writeMirrored(parts: Pick<ObjectParts, 'lookup' | 'write'>, asked: MirrorWrite): Promise<string> {
  const { noun, verb: name, target, input = {}, exact = {}, at, force } = asked
  const written = await parts.write(() => {
    const schema = requireNoun(parts, noun)
    const verb = Object.hasOwn(schema.verbs, name) ? schema.verbs[name] : undefined
    if (verb === undefined) throw new Error(`${noun} has no verb ${name}`)
    const atMs = at === undefined ? undefined : Date.parse(at)
    return {
      schema,
      verb,
      kind: target === undefined ? 'create' : name === 'delete' ? 'remove' : 'change',
      ...(target === undefined ? {} : { target }),
      ...(atMs === undefined ? {} : { atMs }),
      ...(force === undefined ? {} : { force }),
      actor: stripeActor,
      ...(rowOfNoun(noun)?.isOfStrangers === true ? { origin: stripeActor } : {}),
      via: 'system',
      decide: (context) => {
        const decided = decideChange({ ...context, schema, verb, input: given(input, target === undefined) })
        return exactly(decided ?? context.current ?? {}, exact)
      },
    }
  })
  return written.row.target
}

function requireNoun(parts: Pick<ObjectParts, 'lookup'>, noun: string): NounSchema {
  const schema = parts.lookup(noun)
  if (schema === undefined) throw new ObjectError({ code: 'not_found', message: `this tenant has no ${noun}` })
  return schema
}

/** A creation has no values to clear. */
function given(input: Values, isNew: boolean): Values {
  return isNew ? Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) : input
}

function exactly(fields: EntityFields, exact: Values): EntityFields {
  const made: Record<string, JsonValue> = { ...fields }
  for (const [name, value] of Object.entries(exact))
    if (value === null) delete made[name]
    else made[name] = value
  return made
}
