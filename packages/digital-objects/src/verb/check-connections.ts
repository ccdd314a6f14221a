// Refuses a verb whose connections the server lacks, and describes a verb with the connections that it needs.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { holdsAll } from '../noun/condition.ts'
import { describeRequirement, type Requirement } from '../noun/requirement.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'

/** Says which connections a tenant has now. */
export interface Connections {
  has(name: string): boolean
}

export interface ConnectedCall {
  readonly schema: NounSchema
  readonly verb: Verb
  /** The caller's arguments, as `verbArguments` returns them. */
  readonly input: Readonly<Record<string, JsonValue>>
  /** The fields after the verb. */
  readonly fields: EntityFields
}

/** Throws an ObjectError `not_connected` for the first connection that the call needs and that is missing. */
export function checkConnections(call: ConnectedCall, connections: Connections): void {
  const { schema, verb, input, fields } = call
  for (const requirement of verb.effect.requires ?? []) {
    const { connection, when, unlessGiven = [] } = requirement
    if (!holdsAll(when, { fields, input }) || isGiven(input, unlessGiven)) continue
    const name = typeof connection === 'string' ? connection : fields[connection.field]
    if (typeof name === 'string' && connections.has(name)) continue
    const shown =
      typeof name === 'string' ? `'${name.slice(0, 64)}'` : `in '${fieldOf(connection)}', which has no value`
    throw new ObjectError({
      code: 'not_connected',
      message: `${schema.name}.${verb.name} needs the connection ${shown}, and this server has none: nothing was changed`,
      detail: { connection: typeof name === 'string' ? name : null },
    })
  }
}

/** Returns the verb's description with a sentence for each connection that it needs; undefined if it has neither. */
export function describeVerb({ description, effect }: Verb): string | undefined {
  const sentences = [
    ...(description === undefined ? [] : [description]),
    ...(effect.requires ?? []).map(describeRequirement),
  ]
  return sentences.length === 0 ? undefined : sentences.join(' ')
}

function isGiven(input: ConnectedCall['input'], names: readonly string[]): boolean {
  const given = Object.keys(input).filter((name) => input[name] !== null && input[name] !== undefined)
  return names.includes('*') ? given.length > 0 : given.some((name) => names.includes(name))
}

function fieldOf(connection: Requirement['connection']): string {
  return typeof connection === 'string' ? connection : connection.field
}
