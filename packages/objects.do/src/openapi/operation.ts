// One operation of a tenant, described: its name, where it is over HTTP, and what it takes and gives. The front door's
// routes and the OpenAPI document are generated from these descriptions.

import type { NounSchema, Verb } from 'digital-objects'
import type { Json } from './components.ts'
import type { ParametersAbout } from './parameters.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * A place below the tenant: `/{Noun}/{id}/history`. Variables fill the call: `{Noun}` its Noun, and each Noun gets a
 * path of its own in the document; `{noun}` the same, with one path for all Nouns; `{id}`; `{verb}`. GET implies HEAD.
 */
export interface Route {
  readonly methods: readonly Method[]
  readonly path: string
}

/** What a description is for: the Noun's name, empty for operations of the whole tenant, and the route's path. */
export interface Described {
  readonly noun: string
  readonly path: string
}

export interface Candidate {
  readonly noun: NounSchema
  readonly verb: Verb | undefined
  readonly path: string
}

export interface Operation {
  readonly kind: 'read' | 'write' | 'command'
  /** `history`, as calls name it. */
  readonly name: string
  /** One sentence in the imperative. `{Noun}`, `{verb}` and `{event}` stand for names. */
  readonly about: string
  readonly routes: readonly Route[]
  readonly parameters: ParametersAbout
  /** For operations of the whole tenant: where the document lists them, and under which id. */
  readonly listedAs?: { readonly tag: string; readonly operationId: string }
  /** Whether a Noun has the operation at a path, with that verb if the path has `{verb}`. Without it every Noun has it. */
  readonly isOffered?: (candidate: Candidate) => boolean
  /** The request's JSON. */
  readonly body?: { readonly isRequired: boolean; readonly schema: (described: Described) => Json }
  /** By status; the problem document is added to them. */
  readonly responses: (described: Described) => Json
}
