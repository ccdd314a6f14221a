// Collects the paths of the OpenAPI document, and the parameters and responses that they refer to.

import type { NounLookup, NounSchema } from 'digital-objects'
import type { Json, ResponseAbout, Responses } from './components.ts'
import type { Method } from './operation.ts'
import type { Parameter, ParametersAbout } from './parameter.ts'

interface PathItem {
  readonly method: Method
  readonly operation: Json
  /** The path's parameters. */
  readonly variables?: readonly Json[]
}

export class PathItems {
  readonly items: Record<string, Record<string, unknown>> = {}
  /** Finds the Nouns that the document describes. */
  readonly #lookup: NounLookup
  readonly components = { parameters: {} as Record<string, Json>, responses: {} as Record<string, Json> }

  constructor(lookup: NounLookup) {
    this.#lookup = lookup
  }

  add(path: string, { method, operation, variables = [] }: PathItem): void {
    this.items[path] ??= variables.length === 0 ? {} : { parameters: variables }
    this.items[path][method.toLowerCase()] = operation
  }

  parameters(described: ParametersAbout, noun?: NounSchema): readonly Json[] {
    return Object.entries(described).flatMap(([name, parameter]) => {
      const { component, schemaOf, isOffered } = parameter
      if (noun !== undefined && isOffered?.(noun) === false) return []
      const schema = noun === undefined || schemaOf === undefined ? parameter.schema : schemaOf(noun, this.#lookup)
      if (schema === undefined) return []
      const own = toParameter(name, { ...parameter, schema })
      if (component === undefined) return [own]
      return [
        this.parameter(noun === undefined || schemaOf === undefined ? component : `${noun.name}.${component}`, own),
      ]
    })
  }

  /** Returns a reference to the parameter. */
  parameter(component: string, parameter: Json): Json {
    return this.#refer('parameters', `${component}.parameter`, parameter)
  }

  responses(described: Responses): Json {
    return Object.fromEntries(Object.entries(described).map(([status, response]) => [status, this.#response(response)]))
  }

  #response({ component, ...response }: ResponseAbout): Json {
    return component === undefined ? response : this.#refer('responses', `${component}.response`, response)
  }

  /** The keys end in their kind, since some generators write all components into one namespace. */
  #refer(kind: 'parameters' | 'responses', key: string, component: Json): Json {
    this.components[kind][key] ??= component
    return { $ref: `#/components/${kind}/${key}` }
  }
}

function toParameter(name: string, { about, schema, in: place, mayBeEmpty }: Parameter): Json {
  return {
    name,
    in: place ?? 'query',
    schema,
    description: about.endsWith('.') ? about : `${about}.`,
    ...(mayBeEmpty === true ? { allowEmptyValue: true } : {}),
  }
}
