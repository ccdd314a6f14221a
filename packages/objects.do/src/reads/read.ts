// The form of a read. Each read is one file: its name, its HTTP path, its parameters, and the code that answers it in the
// tenant's object and, if possible, from files.

import type { ReadRun, TenantStore } from '@dotdo/do'
import type { CallOf, NounLookup, NounSchema, Parameters } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import type { ReadRecorder } from '../entities/recorded-reads.ts'
import { parseFlag, parseTimestamp, refuseOthers } from '../entities/parameters.ts'
import { type VisibleNouns, visibleNouns } from '../entities/visible-nouns.ts'
import type { FilesReadParts, FilesResult } from '../files/files-parts.ts'
import type { Responses } from '../openapi/components.ts'
import type { DocumentedService } from '../openapi/service-paths.ts'
import type { Described, Operation } from '../openapi/operation.ts'
import type { ParametersAbout } from '../openapi/parameter.ts'
import { strong } from '../openapi/parameters.ts'

/** The body as JSON, and its source. */
export interface ReadResult {
  readonly body: string
  readonly source: 'object' | 'log'
  /** The entity's `$version`, if the body is one whole entity in the present. */
  readonly version?: number
}

/** The parts of the tenant that a read uses, as its caller sees them. */
export interface ReadParts extends VisibleNouns {
  readonly store: TenantStore
  /** Keeps what the read has read in slices, over its attempts. Without it, one that needs slices is refused. */
  readonly run?: ReadRun
  readonly operations: readonly Operation[]
  /** The services whose routes the OpenAPI document describes. */
  readonly services: readonly DocumentedService[]
  /** Records what the answer depends on. Reads without a `Reader` call it themselves. */
  readonly recorder?: ReadRecorder
}

export interface ReadAsked {
  readonly caller: Caller
  readonly call: CallOf<'read'>
}

export interface Read extends Operation {
  readonly kind: 'read'
  /**
   * Runs synchronously, so that the answer reflects one state of the tenant. Throws an ObjectError; or Unfinished, for work
   * after which it is called again.
   */
  readonly answer: (parts: ReadParts, asked: ReadAsked) => ReadResult
  /**
   * Set if files may answer. Resolves to the same body as `answer` at the end of the files' log, or to undefined if the
   * object has to answer. Throws the ObjectErrors that `answer` would throw; other errors mean that files are unreadable.
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
  /** Set if bare field names are parameters too; then `parse` takes each name that is not among `names` for a field. */
  readonly takesFields?: true
  readonly listedAs?: Operation['listedAs']
  readonly isOffered?: Operation['isOffered']
  readonly responses: (described: Described) => Responses
  /**
   * Parses the call. `names` are the parameters that apply to the call's Noun. Throws an ObjectError that names the
   * parameter, also for one that has no effect beside the others.
   */
  readonly parse: (call: CallOf<'read'>, lookup: NounLookup, names: readonly string[]) => Request
  readonly answer: (parts: ReadParts, asked: Parsed<Request>) => ReadResult
  readonly answerFromFiles?: (parts: FilesReadParts, asked: Parsed<Request>) => Promise<FilesResult | undefined>
}

export interface Parsed<Request> {
  readonly request: Request
  readonly caller: Caller
}

/** Replaces the tenant's Nouns by those of the time that the call reads, when their fields may have been different. */
export function partsAt<Parts extends ReadParts>(
  parts: Parts,
  { parameters }: { readonly parameters: Parameters },
): Parts {
  const { store } = parts
  const { asOf } = parameters
  if (asOf === undefined || !store.isReady) return parts
  const catalog = store.catalog.at(store.events.seqAt(parseTimestamp('asOf', asOf)))
  return { ...parts, ...visibleNouns(parts.visibility.over(catalog.lookup), catalog) }
}

/** The names of the parameters that apply to a Noun, as the OpenAPI document lists them. */
function namesFor(parameters: ParametersAbout, noun: NounSchema | undefined): readonly string[] {
  const all = Object.entries(parameters)
  return all.filter(([, { isOffered }]) => noun === undefined || isOffered?.(noun) !== false).map(([name]) => name)
}

export function defineRead<Request>(definition: ReadDefinition<Request>): Read {
  const { name, about, path, headers, takesFields, listedAs, isOffered, responses, answer, answerFromFiles } =
    definition
  const parameters = { ...definition.parameters, strong }
  const parse = ({ call, caller }: ReadAsked, lookup: NounLookup): Parsed<Request> => {
    const names = namesFor(parameters, call.noun === undefined ? undefined : lookup(call.noun))
    const request = definition.parse(call, lookup, names)
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
    ...(takesFields === undefined ? {} : { takesFields }),
    ...(listedAs === undefined ? {} : { listedAs }),
    ...(isOffered === undefined ? {} : { isOffered }),
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
