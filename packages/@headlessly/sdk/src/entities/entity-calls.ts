// The calls of one Noun's entities, as reads and writes of them plan them.

import { type Call, isEntityIdOf, type NounSchema } from 'digital-objects'
import { type CallSite, callSite } from '../base/call-site.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { checkCall } from '../calls/check-call.ts'
import { linkTo } from '../calls/link-source.ts'
import { type Link, PlannedCall } from '../calls/planned-call.ts'
import type { Session } from '../calls/session.ts'
import type { PendingSource } from '../pipeline/pending.ts'

/** The part of a session that plans calls. */
export type Planner = Pick<Session, 'plan' | 'whenTickEnds'>

export interface Draft {
  readonly call: Call
  readonly links?: readonly Link[]
}

/** An entity's id, or its pending source. */
export interface Addressed {
  readonly noun: string
  readonly target: { readonly id: string }
  readonly link?: readonly Link[]
}

export class EntityCalls<Planning extends Planner = Planner> {
  readonly schema: NounSchema
  readonly session: () => Planning

  constructor(schema: NounSchema, session: () => Planning) {
    this.schema = schema
    this.session = session
  }

  /** For error messages: `Contact.get`. */
  called(method: string): string {
    return `${this.schema.name}.${method}`
  }

  shared(method: string): Pick<PendingSource, 'session' | 'schema' | 'what' | 'site'> {
    return { session: this.session, schema: this.schema, what: this.called(method), site: callSite() }
  }

  /** A call that cannot be made fails like one that the server refuses. */
  plan(
    draft: () => Draft,
    options: { readonly signal?: AbortSignal | undefined; readonly site?: CallSite },
  ): PlannedCall {
    try {
      const { call, links = [] } = draft()
      checkCall(call, links)
      return this.session().plan(call, { links, ...options })
    } catch (error) {
      return PlannedCall.failed(error)
    }
  }

  /** Checks the id before anything is sent, since an empty one would mean another call. */
  addressed(method: string, id: unknown): Addressed {
    const noun = this.schema.name
    const link = linkTo(id)
    if (link !== undefined) return { noun, target: { id: '' }, link: [{ ...link, into: 'id', at: [] }] }
    if (typeof id === 'string' && isEntityIdOf(this.schema, id)) return { noun, target: { id } }
    const got = typeof id === 'string' ? `'${id.slice(0, 64)}'` : id === null ? 'null' : typeof id
    const message = `${this.called(method)} expects the id of the ${noun}, such as ${this.schema.idPrefix}_0123456789AB, got ${got}`
    throw new HeadlesslyError({ code: 'invalid_id', field: 'id', message })
  }
}
