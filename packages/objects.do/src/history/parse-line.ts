// Parses one line of a history: `{ timestamp, type: "Contact.Qualified", target, data, actor }`.

import {
  forceReasonRule,
  inexactNumberFault,
  isForceReason,
  isPlainObject,
  type JsonValue,
  nearestName,
  ObjectError,
  parseDatetime,
  parseExactJson,
} from 'digital-objects'
import type { Body } from '../writes/parse-body.ts'

export interface ParsedLine {
  readonly atMs: number
  /** The Noun's name. */
  readonly noun: string
  /** The event of a verb, such as `Qualified`. */
  readonly event: string
  readonly target: string | undefined
  readonly data: Body
  readonly actor: string | undefined
  /** The reason why the past broke the rules of today. */
  readonly force: string | undefined
}

const members = ['timestamp', 'type', 'target', 'data', 'actor', 'force'] as const
const typePattern = /^([A-Z][A-Za-z0-9]*)\.([A-Z][A-Za-z0-9]*)$/
/** The name of an entity in its old system: an id, a number or an address. */
const targetCharactersMax = 256
const actorCharactersMax = 256

/** Throws an ObjectError that names the member. */
export function parseLine(text: string): ParsedLine {
  const value = parseExactJson(text, {
    syntax: (error) =>
      new ObjectError({ code: 'invalid_json', message: `is not JSON: ${error.message.slice(0, 200)}` }),
    inexact: ({ path, text: numeral }) => invalid(path.join('.').slice(0, 200), inexactNumberFault(numeral)),
  })
  if (!isPlainObject(value)) throw new ObjectError({ code: 'invalid_body', message: 'expects a JSON object' })
  const { timestamp, type, target, data, actor, force, ...others } = value as Readonly<
    Record<string, JsonValue | undefined>
  >
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw unknownMember(unknown)
  const atMs = typeof timestamp === 'string' ? parseDatetime(timestamp) : undefined
  if (atMs === undefined)
    throw invalid(
      'timestamp',
      `expects a timestamp with an offset, such as 2024-03-01T09:00:00Z, got ${show(timestamp)}`,
    )
  const named = typeof type === 'string' ? typePattern.exec(type) : null
  if (named === null) throw invalid('type', `expects an event such as Contact.Qualified, got ${show(type)}`)
  if (data !== undefined && !isPlainObject(data)) throw invalid('data', `expects an object, got ${show(data)}`)
  if (force !== undefined && force !== null && !isForceReason(force))
    throw invalid('force', `expects ${forceReasonRule}, got ${show(force)}`)
  return {
    atMs,
    noun: named[1] ?? '',
    event: named[2] ?? '',
    target: textOf(target, 'target', targetCharactersMax),
    data: data ?? {},
    actor: textOf(actor, 'actor', actorCharactersMax),
    force: force ?? undefined,
  }
}

function textOf(value: JsonValue | undefined, field: string, charactersMax: number): string | undefined {
  if (value === undefined || value === null) return undefined
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && text !== '' && text.length <= charactersMax) return text
  throw invalid(field, `expects a text of 1 to ${charactersMax} characters, got ${show(value)}`)
}

function unknownMember(name: string): ObjectError {
  const nearest = nearestName(name, members)
  const hint = nearest === undefined ? `its members are ${members.join(', ')}` : `did you mean '${nearest}'?`
  return invalid(name.slice(0, 64), `is unknown; ${hint}`)
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 64)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    field,
    message: `'${field}' ${message}`,
    faults: [{ field, message }],
  })
}
