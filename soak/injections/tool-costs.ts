// The text that a model has to read and write for a task: the definitions of the tools, the calls and the answers. It compares
// the three tools with one tool for each operation of the OpenAPI document.

import { tools } from '../../apps/headless.ly/src/mcp/tools.ts'
import type { Json } from './agent-session.ts'
import type { TaskOutcome } from './run-tasks.ts'

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** The definitions of the three tools, as they are listed. */
export function threeTools(): string {
  return JSON.stringify(tools)
}

/** A tool for each operation: its name and summary, its parameters, and the schema of its body, whose own references stay names. */
export function toolsOf(document: Json): readonly object[] {
  const resolve = (value: unknown): unknown => {
    const reference = (value as { readonly $ref?: string } | undefined)?.$ref
    if (reference === undefined) return value
    return reference
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Json)[key.replaceAll('~1', '/')], document)
  }
  return Object.values(document['paths'] as Readonly<Record<string, Json>>).flatMap((path) =>
    methods.flatMap((method) => {
      const operation = path[method] as Json | undefined
      if (operation === undefined) return []
      const parameters = [
        ...((path['parameters'] ?? []) as unknown[]),
        ...((operation['parameters'] ?? []) as unknown[]),
      ]
      const { content } = (resolve(operation['requestBody']) ?? {}) as { readonly content?: Json }
      const { schema } = (content?.['application/json'] ?? {}) as { readonly schema?: unknown }
      const properties = parameters.map((parameter) => {
        const { name, description, schema: of } = resolve(parameter) as Json
        return [name, { ...(of as object), description }]
      })
      const inputSchema = { type: 'object', properties: { ...Object.fromEntries(properties), body: resolve(schema) } }
      return [{ name: operation['operationId'], description: operation['summary'], inputSchema }]
    }),
  )
}

/** The call of a task and its answer. */
export function conversationOf({ words, tool, given, text }: TaskOutcome): string {
  return `${words}\n${JSON.stringify({ name: tool, arguments: given })}\n${text}`
}
