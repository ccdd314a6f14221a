// The description of one query parameter or header, from which the OpenAPI document is made.

import type { NounLookup, NounSchema } from 'digital-objects'
import type { Json } from './components.ts'

export interface Parameter {
  readonly about: string
  readonly schema: Json
  /** The schema for one Noun, in place of `schema`. Returns undefined if the parameter makes no sense for it. */
  readonly schemaOf?: (noun: NounSchema, lookup: NounLookup) => Json | undefined
  /** Whether the parameter applies to a Noun. By default it applies to all: a read refuses it for the others. */
  readonly isOffered?: (noun: NounSchema) => boolean
  /** True if an empty value has a meaning of its own. */
  readonly mayBeEmpty?: true
  /** Set for a header. */
  readonly in?: 'header'
  /** The name among the document's components. A parameter without one is described at each use. */
  readonly component?: string
}

/** Parameters by name. */
export type ParametersAbout = Readonly<Record<string, Parameter>>
