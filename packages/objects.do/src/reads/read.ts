// A read: one file that says its name, its place over HTTP, its parameters, and how the tenant's object and, if it can,
// the files answer it.

import type { TenantStore } from '@dotdo/do'
import type { CallOf, NounLookup, Parameters } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { parseFlag, parseMoment, refuseOthers } from '../entities/parameters.ts'
import { type VisibleNouns, visibleNouns } from '../entities/visible-nouns.ts'
import type { FilesReadParts, FilesResult } from '../files/files-parts.ts'
import type { Json } from '../openapi/components.ts'
import type { Described, Operation } from '../openapi/operation.ts'
import { type ParametersAbout, strong } from '../openapi/parameters.ts'

/** JSON, and where it comes from. */
export interface ReadResult {
  readonly body: string
  readonly source: 'object' | 'log'
  /** The entity's `$version`, if the body is one whole entity as it is now. */
  readonly version?: number
}

/** The tenant as a read sees it, for its caller. */
export interface ReadParts extends VisibleNouns {
  readonly store: TenantStore
  readonly operations: readonly Operation[]
}

export interface ReadAsked {
  readonly caller: Caller
  readonly call: CallOf<'read'>
}

export interface Read extends Operation {
  readonly kind: 'read'
  /** Synchronous, so that it sees one state of the tenant from start to end. Throws an ObjectError. */
  readonly answer: (parts: ReadParts, asked: ReadAsked) => ReadResult
  /**
   * Set if files may answer. It gives the same body as `answer` would at the end of the files' log, or undefined if the
   * object has to answer. An ObjectError is one that `answer` would throw too; other errors say that files are unreadable.
   */
  readonly answerFromFiles?: (parts: FilesReadParts, asked: ReadAsked) => Promise<FilesResult | undefined>
}

export interface ReadDefinition<Request> {
  readonly name: string
  /** One sentence in the imperative; `{Noun}` stands for the Noun's name. */
  readonly about: string
  /** `/{Noun}/{id}/history` */
  readonly path: string
  /** Query parameters; `strong` is added to them. */
  readonly parameters: ParametersAbout
  readonly headers: ParametersAbout
  /** Set if bare field names are parameters too; then `parse` refuses unknown names. */
  readonly takesFields?: true
  readonly listedAs?: Operation['listedAs']
  readonly responses: (described: Described) => Json
  /** The call as data. Throws an ObjectError that names the parameter. */
  readonly parse: (call: CallOf<'read'>, lookup: NounLookup) => Request
  readonly answer: (parts: ReadParts, asked: Parsed<Request>) => ReadResult
  readonly answerFromFiles?: (parts: FilesReadParts, asked: Parsed<Request>) => Promise<FilesResult | undefined>
}

export interface Parsed<Request> {
  readonly request: Request
  readonly caller: Caller
}

/** The tenant with its Nouns as they were at the time that a call reads: their fields may have been others. */
export function partsAt(parts: ReadParts, { parameters }: { readonly parameters: Parameters }): ReadParts {
  const { store } = parts
  const { asOf } = parameters
  if (asOf === undefined || !store.isReady) return parts
  const catalog = store.catalog.at(store.events.seqAt(parseMoment('asOf', asOf)))
  return { ...parts, ...visibleNouns(parts.visibility.over(catalog.lookup), catalog) }
}

export function defineRead<Request>(definition: ReadDefinition<Request>): Read {
  const { name, about, path, headers, takesFields, listedAs, responses, answer, answerFromFiles } = definition
  const parameters = { ...definition.parameters, strong }
  const names = Object.keys(parameters)
  const parse = ({ call, caller }: ReadAsked, lookup: NounLookup): Parsed<Request> => {
    const request = definition.parse(call, lookup)
    if (takesFields !== true) refuseOthers(call.parameters, names)
    parseFlag(call.parameters, 'strong')
    return { request, caller }
  }
  return {
    kind: 'read',
    name,
    about,
    routes: [{ methods: ['GET'], path }],
    parameters: { ...parameters, ...headers },
    ...(listedAs === undefined ? {} : { listedAs }),
    responses,
    answer(parts, asked) {
      const then = partsAt(parts, asked.call)
      return answer(then, parse(asked, then.lookup))
    },
    ...(answerFromFiles === undefined
      ? {}
      : { answerFromFiles: async (parts, asked) => answerFromFiles(parts, parse(asked, parts.lookup)) }),
  }
}
