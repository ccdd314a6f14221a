// Performs one line of a history: the write of its verb, by its actor, at its time.

import type { Committing, Written } from '@dotdo/do'
import {
  type CallOf,
  fullAuthority,
  isPlainObject,
  nearestName,
  type NounSchema,
  ObjectError,
  schemaNoun,
  type Verb,
} from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { findNoun } from '../entities/find-noun.ts'
import { create } from '../writes/create.ts'
import { deleteSchema } from '../writes/delete-schema.ts'
import { remove } from '../writes/delete.ts'
import { type EntityCall, toEntityCall } from '../writes/entity-call.ts'
import type { EntityWrite } from '../writes/entity-write.ts'
import { patchSchema } from '../writes/patch-schema.ts'
import { perform } from '../writes/perform.ts'
import { putSchema } from '../writes/put-schema.ts'
import { update } from '../writes/update.ts'
import type { WriteParts } from '../writes/write.ts'
import type { ParsedLine } from './parse-line.ts'
import { isOwnId, referToLines } from './refer-to-lines.ts'

const crudWrites: Readonly<Record<string, EntityWrite>> = { create, update, delete: remove }

/** Makes the commit of the line: `newId` is the id that the line gives to the entity that it creates. */
export type CommitLine = (
  newId: string | undefined,
  work: (commit: Committing) => Written | undefined,
) => Written | undefined

export class LineWriter {
  readonly #parts: WriteParts
  readonly #loader: Caller
  /** Callers and Nouns of the lines so far, since lines are many and these are few. */
  readonly #callers = new Map<string, Caller>()
  readonly #calls = new Map<string, EntityCall>()
  #catalog: unknown

  constructor(parts: WriteParts, loader: Caller) {
    this.#parts = parts
    this.#loader = { ...loader, via: 'history' }
  }

  /** Throws an ObjectError, after which nothing has changed. */
  perform(line: ParsedLine, commitLine: CommitLine): void {
    if (line.noun === schemaNoun.name) this.#define(line, commitLine)
    else this.#write(line, commitLine)
  }

  #write(line: ParsedLine, commitLine: CommitLine): void {
    const { store } = this.#parts
    const caller = this.#callerOf(line.actor)
    const base = this.#callOf(line.noun, caller)
    const { schema } = base
    const verb = verbOf(schema, line.event)
    const { target, force } = line
    const id = target === undefined ? undefined : this.#idOf(schema, target)
    const isCreation = verb.name === 'create' || (verb.effect.creates === true && id === undefined)
    if (!isCreation && id === undefined) throw unknownTarget(line)
    if (isCreation && id !== undefined) throw takenTarget(line)
    const { lookup } = store.catalog.current
    const find = (noun: string, external: string): string | undefined => store.history.externalIds.find(noun, external)
    const body = referToLines({ schema, verb, data: line.data }, { find, lookup })
    const call: CallOf<'write'> = {
      ...base.call,
      verb: verb.name,
      ...(id === undefined ? {} : { id }),
      ...(force === undefined ? {} : { force }),
    }
    const write = crudWrites[verb.name] ?? perform
    const asked = { call, caller }
    const given = { ...base, call, body }
    const isKept = target !== undefined && isOwnId(schema, target)
    const written = commitLine(isCreation && isKept ? target : undefined, (commit) =>
      write.performOne(commit, this.#parts, { asked, given }),
    )
    if (isCreation && !isKept && target !== undefined && written !== undefined)
      store.history.externalIds.add(schema.name, target, written.row.target)
  }

  /** Returns the id of the entity that the line names, or undefined if there is none yet. */
  #idOf(schema: NounSchema, target: string): string | undefined {
    const { state, history } = this.#parts.store
    if (!isOwnId(schema, target)) return history.externalIds.find(schema.name, target)
    if (!state.hasTable(schema.name)) return undefined
    const table = state.tableOf(schema)
    const isThere = state.get(table, target) !== undefined || state.getDeleted(table, target) !== undefined
    return isThere ? target : undefined
  }

  #define(line: ParsedLine, commitLine: CommitLine): void {
    const { name, definition } = line.data
    const noun = typeof name === 'string' ? name : (line.target ?? '')
    const isBuiltIn = this.#parts.store.catalog.current.builtIn(noun) !== undefined
    const write = line.event === 'Deleted' ? deleteSchema : isBuiltIn ? patchSchema : putSchema
    if (!['Created', 'Updated', 'Deleted'].includes(line.event)) throw unknownEvent(schemaNoun, line.event)
    const body = line.event === 'Deleted' ? '' : JSON.stringify(withoutService(definition ?? line.data))
    const call: CallOf<'write'> = { kind: 'write', noun, verb: write.name, body }
    commitLine(undefined, (commit) => {
      write.performIn?.(commit, this.#parts, { call, caller: this.#callerOf(line.actor) })
      return undefined
    })
  }

  #callerOf(actor = this.#loader.authority.who): Caller {
    const known = this.#callers.get(actor)
    if (known !== undefined) return known
    if (this.#callers.size === callersMax) this.#callers.clear()
    const made = { ...this.#loader, authority: fullAuthority(actor) }
    this.#callers.set(actor, made)
    return made
  }

  #callOf(noun: string, caller: Caller): EntityCall {
    const { current } = this.#parts.store.catalog
    if (this.#catalog !== current) this.#calls.clear()
    this.#catalog = current
    const known = this.#calls.get(noun)
    if (known !== undefined) return known
    findNoun(current.lookup, { noun })
    const call: CallOf<'write'> = { kind: 'write', noun, verb: '', body: '' }
    const made = toEntityCall(this.#parts, { call, caller })
    this.#calls.set(noun, made)
    return made
  }
}

/** The server says by itself to which service's Noun a definition adds. */
function withoutService(definition: unknown): unknown {
  if (!isPlainObject(definition)) return definition
  const { service: _service, ...others } = definition
  return others
}

/** Limits the callers that are remembered. */
const callersMax = 1_000

function verbOf(schema: NounSchema, event: string): Verb {
  const verb = Object.values(schema.verbs).find((one) => one.event === event)
  if (verb === undefined) throw unknownEvent(schema, event)
  return verb
}

function unknownEvent(schema: NounSchema, event: string): ObjectError {
  const verbs = Object.values(schema.verbs)
  const events = verbs.map((verb) => verb.event)
  const infinitive = event.charAt(0).toLowerCase() + event.slice(1)
  const nearest = verbs.find(({ name }) => name === infinitive)?.event ?? nearestName(event, events)
  const hint = nearest === undefined ? `its events are ${events.join(', ')}` : `did you mean '${nearest}'?`
  const message = `'type': ${schema.name} has no event '${event.slice(0, 64)}'; ${hint}`
  return new ObjectError({ code: 'unknown_verb', field: 'type', message })
}

function unknownTarget({ noun, event, target }: ParsedLine): ObjectError {
  const message =
    target === undefined
      ? `'target' is missing: ${noun}.${event} changes an entity that an earlier line has created`
      : `'target': no line before this one has created the ${noun} '${target.slice(0, 80)}'`
  return new ObjectError({ code: 'not_found', field: 'target', message })
}

function takenTarget({ noun, target = '' }: ParsedLine): ObjectError {
  const message = `'target': an earlier line has created the ${noun} '${target.slice(0, 80)}' already`
  return new ObjectError({ code: 'conflict', field: 'target', message })
}
