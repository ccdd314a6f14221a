// Parses the calls of one message. It checks their shapes and limits, and that references point to earlier calls. Answering
// a call checks its meaning.

import {
  bodyCharactersMax,
  type Call,
  type CallOf,
  callsMax,
  idempotencyKeyRule,
  forceReasonRule,
  isForceReason,
  isIdempotencyKey,
  isPlainObject,
  ObjectError,
  type Parameters,
  parseHappenedAt,
  type Reference,
  referencePathMax,
  referencesMax,
} from 'digital-objects'
import { parseSteps } from '../pipeline/parse-pipeline.ts'
import { findRead, readNames } from './operations.ts'

type Fields = Readonly<Record<string, unknown>>

const intos: readonly Reference['into'][] = ['id', 'body', 'filter']

/**
 * Throws an ObjectError that names the field. Refuses commands, because a client may send a message twice and a command
 * only once.
 */
export function parseCalls(value: unknown): readonly Call[] {
  if (!Array.isArray(value)) throw invalidCall('calls', 'a list', value)
  if (value.length === 0 || value.length > callsMax) {
    const message = `a message expects 1 to ${callsMax} calls, got ${value.length}`
    throw new ObjectError({ code: 'invalid_body', field: 'calls', message })
  }
  return value.map((call: unknown, at) => parseCall(call, at))
}

function parseCall(value: unknown, at: number): Call {
  const field = `calls[${at}]`
  const fields = objectOf(value, field)
  const { references, isSilent } = fields
  const travelling = {
    ...(references === undefined ? {} : { references: parseReferences(references, { field, at }) }),
    ...(isSilent === true ? { isSilent: true as const } : {}),
  }
  switch (fields['kind']) {
    case 'read':
      return { ...parseRead(fields, field), ...travelling }
    case 'write':
      return { ...parseWrite(fields, field), ...travelling }
    case 'pipeline':
      return { ...parsePipeline(fields, field), ...travelling }
    default:
      throw invalidCall(`${field}.kind`, 'read, write or pipeline', fields['kind'])
  }
}

function parseRead(fields: Fields, field: string): CallOf<'read'> {
  const { read, noun, id } = fields
  if (typeof read !== 'string' || findRead(read) === undefined)
    throw invalidCall(`${field}.read`, readNames.join(', '), read)
  return {
    kind: 'read',
    read,
    ...(noun === undefined ? {} : { noun: textOf(noun, `${field}.noun`) }),
    ...(id === undefined ? {} : { id: textOf(id, `${field}.id`) }),
    parameters: parametersOf(fields['parameters'], `${field}.parameters`),
  }
}

function parseWrite(fields: Fields, field: string): CallOf<'write'> {
  const { id, ifVersion, idempotencyKey, at, force } = fields
  return {
    kind: 'write',
    noun: textOf(fields['noun'], `${field}.noun`),
    verb: textOf(fields['verb'], `${field}.verb`),
    body: bodyOf(fields['body'] ?? '', `${field}.body`),
    ...(id === undefined ? {} : { id: textOf(id, `${field}.id`) }),
    ...(fields['isDryRun'] === true ? { isDryRun: true as const } : {}),
    ...(ifVersion === undefined ? {} : { ifVersion: versionOf(ifVersion, `${field}.ifVersion`) }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey: keyOf(idempotencyKey, `${field}.idempotencyKey`) }),
    ...(at === undefined ? {} : { at: atOf(at, `${field}.at`) }),
    ...(force === undefined ? {} : { force: forceOf(force, `${field}.force`) }),
  }
}

function parsePipeline(fields: Fields, field: string): CallOf<'pipeline'> {
  const { read, id } = fields
  if (read !== 'find' && read !== 'get') throw invalidCall(`${field}.read`, 'find or get', read)
  return {
    kind: 'pipeline',
    read,
    ...(id === undefined ? {} : { id: textOf(id, `${field}.id`) }),
    noun: textOf(fields['noun'], `${field}.noun`),
    parameters: parametersOf(fields['parameters'], `${field}.parameters`),
    steps: parseSteps(fields['steps']),
  }
}

function parseReferences(value: unknown, of: { readonly field: string; readonly at: number }): readonly Reference[] {
  const field = `${of.field}.references`
  if (!Array.isArray(value) || value.length > referencesMax) throw invalidCall(field, `at most ${referencesMax}`, value)
  return value.map((item: unknown, index) => {
    const inner = `${field}[${index}]`
    const { call, path, into, at } = objectOf(item, inner)
    if (!Number.isSafeInteger(call) || Number(call) < 0 || Number(call) >= of.at)
      throw invalidCall(`${inner}.call`, 'the index of an earlier call', call)
    const known = intos.find((name) => name === into)
    if (known === undefined) throw invalidCall(`${inner}.into`, intos.join(', '), into)
    return { call: Number(call), into: known, path: namesOf(path, `${inner}.path`), at: namesOf(at, `${inner}.at`) }
  })
}

function namesOf(value: unknown, field: string): readonly string[] {
  const isNames =
    Array.isArray(value) && value.length <= referencePathMax && value.every((name) => typeof name === 'string')
  if (!isNames) throw invalidCall(field, `at most ${referencePathMax} names`, value)
  return value
}

function parametersOf(value: unknown, field: string): Parameters {
  const entries = Object.entries(objectOf(value ?? {}, field))
  return Object.fromEntries(entries.map(([name, text]) => [name, textOf(text, `${field}.${name.slice(0, 64)}`)]))
}

function forceOf(value: unknown, field: string): string {
  if (isForceReason(value)) return value
  throw invalidCall(field, forceReasonRule, value)
}

function keyOf(value: unknown, field: string): string {
  if (isIdempotencyKey(value)) return value
  throw invalidCall(field, idempotencyKeyRule, value)
}

/** A text that is no time refuses its own call later, and not the whole message. */
function atOf(value: unknown, field: string): string {
  return parseHappenedAt(value) ?? textOf(value, field)
}

function versionOf(value: unknown, field: string): number | 'any' {
  if (value === 'any' || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  throw invalidCall(field, 'a whole number', value)
}

function bodyOf(value: unknown, field: string): string {
  const body = textOf(value, field)
  if (body.length <= bodyCharactersMax) return body
  const message = `a body holds at most ${bodyCharactersMax} characters`
  throw new ObjectError({ code: 'payload_too_large', field: field, message })
}

function textOf(value: unknown, field: string): string {
  if (typeof value === 'string') return value
  throw invalidCall(field, 'a string', value)
}

function objectOf(value: unknown, field: string): Fields {
  if (isPlainObject(value)) return value
  throw invalidCall(field, 'an object', value)
}

function invalidCall(field: string, expected: string, got: unknown): ObjectError {
  const shown = got === undefined ? 'nothing' : (JSON.stringify(got) ?? typeof got).slice(0, 64)
  return new ObjectError({ code: 'invalid_body', field, message: `${field} expects ${expected}, got ${shown}` })
}
