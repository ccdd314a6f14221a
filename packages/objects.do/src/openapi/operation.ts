// The description of one operation of a tenant: its name, its HTTP routes, its input and its responses. The HTTP routes
// and the OpenAPI document are generated from these descriptions.

import type { NounSchema, Verb } from 'digital-objects'
import type { CrudVerb } from '../answers/crud-verbs.ts'
import type { Json, Responses } from './components.ts'
import type { ParametersAbout } from './parameter.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * A path below the tenant: `/{Noun}/{id}/history`. The variables `{id}` and `{verb}` fill the call, and so do `{Noun}`,
 * for which the document has one path for each Noun, and `{noun}`, for which it has one path. GET implies HEAD.
 */
export interface Route {
  readonly methods: readonly Method[]
  readonly path: string
}

/** The Noun's name, which is empty for operations of the whole tenant, the route's path, and the verb's body. */
export interface Described {
  readonly noun: string
  readonly path: string
  /** The part of the Noun's schemas that is the verb's body, such as `Update`. */
  readonly input: string
}

export interface Candidate {
  readonly noun: NounSchema
  readonly verb: Verb | undefined
  readonly path: string
}

export interface Operation {
  readonly kind: 'read' | 'write' | 'command'
  /** The name in calls, such as `history`. */
  readonly name: string
  /** One sentence in the imperative. `{Noun}`, `{verb}` and `{event}` stand for names. */
  readonly about: string
  readonly routes: readonly Route[]
  readonly parameters: ParametersAbout
  /** Whether names of fields are parameters too, which filter. */
  readonly takesFields?: boolean
  /** The tag and the id in the document, for operations of the whole tenant. */
  readonly listedAs?: { readonly tag: string; readonly operationId: string }
  /** The verb without which a Noun does not have the operation. */
  readonly needs?: CrudVerb
  /** Whether the document lists the operation for a Noun, and for a verb if the path has `{verb}`. By default it does. */
  readonly isOffered?: (candidate: Candidate) => boolean
  /** The request's body. */
  readonly body?: {
    readonly isRequired: boolean
    readonly schema: (described: Described) => Json
    /** `application/json` by default. */
    readonly mediaType?: string
  }
  /** Returns responses by status. The document adds the problem responses. */
  readonly responses: (described: Described) => Responses
}
