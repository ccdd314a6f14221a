// Turns TypeScript into JavaScript by replacing types with spaces, so that every remaining character keeps its line and
// column. Syntax that would need new code, such as an enum, is refused.

import { childrenOf, nodeAt, nodesAt, type SyntaxNode, Unsupported } from './syntax-tree.ts'

/** Returns the source without types. Throws Unsupported. */
export function blankTypes(source: string, root: SyntaxNode): string {
  const blanks = new Blanks(source)
  visit(root, blanks)
  return blanks.text
}

class Blanks {
  readonly source: string
  readonly #characters: string[]

  constructor(source: string) {
    this.source = source
    // UTF-16 units, which positions count.
    this.#characters = source.split('')
  }

  /** Replaces a range with spaces; `end` is exclusive. Line breaks stay. */
  blank(start: number, end: number): void {
    for (let at = start; at < end; at++) if (!/[\n\r\u2028\u2029]/.test(this.source[at] ?? '')) this.put(at, ' ')
  }

  put(at: number, character: string): void {
    this.#characters[at] = character
  }

  /** Blanks the first occurrence of a token in a range. */
  blankToken(token: string, start: number, end: number): void {
    const at = this.source.slice(start, end).indexOf(token)
    if (at >= 0) this.blank(start + at, start + at + token.length)
  }

  get text(): string {
    return this.#characters.join('')
  }
}

const statementTypes = ['TSTypeAliasDeclaration', 'TSInterfaceDeclaration', 'TSDeclareFunction']
const wholeTypes = ['TSTypeAnnotation', 'TSTypeParameterDeclaration', 'TSTypeParameterInstantiation']
const refused: Readonly<Record<string, string>> = {
  TSEnumDeclaration: 'an enum',
  TSModuleDeclaration: 'a namespace',
  TSParameterProperty: 'a parameter property',
  TSImportEqualsDeclaration: 'an import',
  TSExportAssignment: 'an export',
  Decorator: 'a decorator',
  ImportExpression: 'import()',
  MetaProperty: 'import.meta',
}

function visit(node: SyntaxNode, blanks: Blanks): void {
  const { type, start, end } = node
  const refusal = refused[type]
  if (refusal !== undefined && !isNewTarget(node))
    throw new Unsupported(`a stored function cannot have ${refusal}`, start)
  if (statementTypes.includes(type) || node['declare'] === true || isOverload(node)) {
    blanks.blank(start, end)
    // Without it, the lines around it could become one statement.
    if (type.startsWith('TS') && type !== 'TSDeclareMethod') blanks.put(start, ';')
    return
  }
  if (wholeTypes.includes(type)) return blanks.blank(start, end)
  if (type === 'TSAsExpression' || type === 'TSSatisfiesExpression' || type === 'TSNonNullExpression') {
    const inner = nodeAt(node, 'expression')
    if (inner !== undefined) blankAfter(inner, node, blanks)
  } else if (type === 'TSTypeAssertion') blanks.blank(start, nodeAt(node, 'expression')?.start ?? end)
  else if (type === 'ClassDeclaration' || type === 'ClassExpression') blankHeritage(node, blanks)
  else if (type === 'PropertyDefinition' || type === 'MethodDefinition') blankModifiers(node, blanks)
  blankOptional(node, blanks)
  for (const parameter of nodesAt(node, 'params')) blankThis(parameter, blanks)
  for (const child of childrenOf(node)) visit(child, blanks)
  if (type === 'ArrowFunctionExpression') keepArrowOnLine(node, blanks)
}

function isNewTarget(node: SyntaxNode): boolean {
  const meta = nodeAt(node, 'meta')
  return meta !== undefined && meta['name'] === 'new'
}

function isOverload({ type, ...node }: SyntaxNode): boolean {
  if (type === 'TSDeclareMethod' || type === 'TSAbstractMethodDefinition' || type === 'TSIndexSignature') return true
  const value = node['value']
  return type === 'MethodDefinition' && typeof value === 'object' && value !== null && !('body' in value && value.body)
}

/** Blanks `as T`, `satisfies T` or `!` after an expression, which may be in parentheses. */
function blankAfter(inner: SyntaxNode, { end }: SyntaxNode, blanks: Blanks): void {
  const rest = blanks.source.slice(inner.end, end)
  const keyword = /\b(?:as|satisfies)\b|!/.exec(rest)
  if (keyword !== null) blanks.blank(inner.end + keyword.index, end)
}

function blankHeritage(node: SyntaxNode, blanks: Blanks): void {
  const body = nodeAt(node, 'body')
  const [first] = nodesAt(node, 'implements')
  if (node['abstract'] === true) blanks.blankToken('abstract', node.start, node.end)
  if (body === undefined || first === undefined) return
  const from = blanks.source.lastIndexOf('implements', first.start)
  blanks.blank(from, body.start)
}

const modifiers = /\b(?:public|private|protected|readonly|override|abstract)\b/g

function blankModifiers(node: SyntaxNode, blanks: Blanks): void {
  const key = nodeAt(node, 'key')
  if (key === undefined) return
  const keyStart = node['computed'] === true ? blanks.source.lastIndexOf('[', key.start) : key.start
  for (const { index, 0: word } of blanks.source.slice(node.start, keyStart).matchAll(modifiers))
    blanks.blank(node.start + index, node.start + index + word.length)
  const valueStart = nodeAt(node, 'typeAnnotation')?.start ?? nodeAt(node, 'value')?.start ?? node.end
  const keyEnd = node['computed'] === true ? blanks.source.indexOf(']', key.end) + 1 : key.end
  if (node['optional'] === true) blanks.blankToken('?', keyEnd, valueStart)
  if (node['definite'] === true) blanks.blankToken('!', keyEnd, valueStart)
}

/** Blanks the mark of an optional parameter, or of a variable that is surely assigned. */
function blankOptional(node: SyntaxNode, blanks: Blanks): void {
  if (node.type === 'VariableDeclarator' && node['definite'] === true) {
    const name = nodeAt(node, 'id')
    if (name !== undefined) blanks.blankToken('!', name.start, nodeAt(name, 'typeAnnotation')?.start ?? name.end + 1)
  }
  if (node['optional'] !== true || !['Identifier', 'ObjectPattern', 'ArrayPattern'].includes(node.type)) return
  const end = nodeAt(node, 'typeAnnotation')?.start ?? node.end
  const at = blanks.source.slice(node.start, end).lastIndexOf('?')
  if (at >= 0) blanks.blank(node.start + at, node.start + at + 1)
}

/** `this` is a parameter for types only. */
function blankThis(parameter: SyntaxNode, blanks: Blanks): void {
  if (parameter.type !== 'Identifier' || parameter['name'] !== 'this') return
  const comma = /^\s*,/.exec(blanks.source.slice(parameter.end))?.[0].length ?? 0
  blanks.blank(parameter.start, parameter.end + comma)
}

/** No line break may precede an arrow, so a return type over several lines moves the parenthesis before it to its end. */
function keepArrowOnLine(node: SyntaxNode, blanks: Blanks): void {
  const returned = nodeAt(node, 'returnType')
  if (returned === undefined || !blanks.source.slice(returned.start, returned.end).includes('\n')) return
  const closing = blanks.source.lastIndexOf(')', returned.start)
  blanks.blank(closing, closing + 1)
  blanks.put(returned.end - 1, ')')
}
