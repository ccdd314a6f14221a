// The tables of the REST reference: the routes of a tenant, their parameters and their headers.

import type { Operation } from '../../packages/objects.do/src/openapi/operation.ts'
import type { Parameter } from '../../packages/objects.do/src/openapi/parameter.ts'
import { headers } from '../../packages/objects.do/src/openapi/components.ts'
import { operations } from '../../packages/objects.do/src/calls/operations.ts'
import { markdownTable } from './markdown-table.ts'

export function routes(): string {
  const rows = operations.flatMap((operation) =>
    operation.routes.map(({ methods, path }) => [
      `\`${methods.join('`, `')}\``,
      `\`${path}\``,
      `${sentenceOf(operation)}.`,
      listOf(operation, (parameter) => parameter.in === undefined),
      listOf(operation, (parameter) => parameter.in === 'header'),
    ]),
  )
  return markdownTable(['method', 'path', 'does', 'parameters', 'headers'], rows)
}

export function parameters(): string {
  return parameterTable((parameter) => parameter.in === undefined)
}

export function requestHeaders(): string {
  return parameterTable((parameter) => parameter.in === 'header')
}

export function responseHeaders(): string {
  return markdownTable(
    ['header', 'is'],
    Object.entries(headers).map(([name, { description }]) => [`\`${name}\``, String(description)]),
  )
}

function sentenceOf({ about }: Operation): string {
  return about
    .replace('{verb} a {Noun}: emits {Noun}.{event}', 'Perform a verb, which records its event')
    .replace('{Noun} entities', 'entities')
    .replace('a {Noun}', 'an entity')
    .replace('{Noun}', 'entity')
}

function listOf({ parameters, takesFields }: Operation, isListed: (parameter: Parameter) => boolean): string {
  const names = Object.entries(parameters).flatMap(([name, parameter]) =>
    isListed(parameter) && name !== 'strong' ? [`\`${name}\``] : [],
  )
  const fields = takesFields === true && isListed({ about: '', schema: {} }) ? ['fields by name'] : []
  return [...names, ...fields].join(', ')
}

/** Each parameter once, unless operations describe it differently. */
function parameterTable(isListed: (parameter: Parameter) => boolean): string {
  const uses = new Map<string, { readonly name: string; readonly about: string; readonly of: string[] }>()
  for (const { name: operation, parameters } of operations)
    for (const [name, parameter] of Object.entries(parameters)) {
      if (!isListed(parameter)) continue
      const { about } = parameter
      const use = uses.get(`${name} ${about}`) ?? { name, about, of: [] }
      use.of.push(operation)
      uses.set(`${name} ${about}`, use)
    }
  const rows = [...uses.values()].map(({ name, about, of }) => [`\`${name}\``, `${about}.`, of.join(', ')])
  return markdownTable(['name', 'is', 'of'], rows)
}
