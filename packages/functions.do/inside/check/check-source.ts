// Checks the source of a stored function: parses it, removes its types, and finds the variables that it uses from outside.

import { Parser } from 'acorn'
import { tsPlugin } from '@sveltejs/acorn-typescript'
import { blankTypes } from './blank-types.ts'
import { outsideVariables } from './outside-variables.ts'
import { sandboxGlobals } from './sandbox-globals.ts'
import { isNode, nodeAt, nodesAt, type SyntaxNode, Unsupported } from './syntax-tree.ts'

/** `code` runs; its lines are those of the source. */
export type Checked =
  | { readonly code: string; readonly fault?: undefined }
  | { readonly code?: undefined; readonly fault: SourceFault }

export interface SourceFault {
  readonly message: string
  /** From 1; absent if the fault has no place. */
  readonly line?: number
}

const TypeScript = Parser.extend(tsPlugin())
const options = { ecmaVersion: 'latest', sourceType: 'module', allowAwaitOutsideFunction: false } as const

/** `source` is one function, or a file that exports one by default and imports only types. */
export function checkSource(source: string): Checked {
  try {
    const program = parse(source)
    const found = functionIn(program)
    const outside = outsideVariables(program, sandboxGlobals)
    if (outside.length > 0) return { fault: faultOfOutside(source, outside) }
    return { code: codeOf(source, program, found) }
  } catch (error) {
    if (error instanceof Unsupported) return { fault: { message: error.message, line: lineOf(source, error.position) } }
    if (!(error instanceof SyntaxError)) throw error
    const position = 'pos' in error && typeof error.pos === 'number' ? error.pos : 0
    const message = error.message.replace(/ \(\d+:\d+\)$/, '')
    return { fault: { message: `the source is no TypeScript: ${message}`, line: lineOf(source, position) } }
  }
}

interface Found {
  readonly start: number
  readonly end: number
}

/** An anonymous function is no statement, so a source without an export is parsed as an expression first. */
function parse(source: string): SyntaxNode {
  if (/\bexport\s+default\b/.test(source)) return toNode(TypeScript.parse(source, options))
  const trimmed = source.replace(/[;\s]+$/, '')
  if (trimmed === '') throw noFunction()
  const expression = toNode(TypeScript.parseExpressionAt(trimmed, 0, options))
  const after = trimmed.slice(expression.end)
  if (after.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '').trim() !== '')
    throw new Unsupported('expects one function, and there is more after it', expression.end)
  return { type: 'Program', start: 0, end: trimmed.length, body: [expression] }
}

function toNode(value: unknown): SyntaxNode {
  if (!isNode(value)) throw new TypeError('the parser returns nodes')
  return value
}

const functionTypes = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']
const typeStatements = ['TSTypeAliasDeclaration', 'TSInterfaceDeclaration', 'EmptyStatement']

function functionIn(program: SyntaxNode): Found {
  let found: SyntaxNode | undefined
  for (const statement of nodesAt(program, 'body')) {
    const { type, start } = statement
    if (typeStatements.includes(type) || statement['declare'] === true) continue
    if (type === 'ImportDeclaration' && statement['importKind'] === 'type') continue
    if (type === 'ImportDeclaration')
      throw new Unsupported('a stored function imports nothing but types: import type { … }', start)
    const exported = type === 'ExportDefaultDeclaration' ? nodeAt(statement, 'declaration') : statement
    if (exported === undefined || !functionTypes.includes(exported.type) || found !== undefined)
      throw new Unsupported('a stored function is one function, and what it uses is inside of it', start)
    if (exported['generator'] === true) throw new Unsupported('a stored function is no generator', start)
    found = exported
  }
  if (found === undefined) throw noFunction()
  return found
}

function noFunction(): Unsupported {
  return new Unsupported("expects a function, such as (contact) => ({ ...contact, name: 'Ada' })", 0)
}

/** Everything around the function becomes spaces. */
function codeOf(source: string, program: SyntaxNode, { start, end }: Found): string {
  const text = blankTypes(source, program)
  const before = text.slice(0, start).replaceAll(/[^\n\r\u2028\u2029]/g, ' ')
  return before + text.slice(start, end)
}

function faultOfOutside(source: string, outside: ReturnType<typeof outsideVariables>): SourceFault {
  const names = outside.slice(0, 10).map(({ name }) => `'${name.slice(0, 64)}'`)
  const what = names.length === 1 ? 'the outside variable' : 'the outside variables'
  const message =
    `uses ${what} ${names.join(', ')}: a stored function has only its parameters, so declare what it uses inside, ` +
    'or read it from $'
  return { message, line: lineOf(source, outside[0]?.position ?? 0) }
}

function lineOf(source: string, position: number): number {
  return source.slice(0, position).split(/\r\n|[\n\r\u2028\u2029]/).length
}
