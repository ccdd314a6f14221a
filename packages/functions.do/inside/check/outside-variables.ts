// Finds the variables that a function uses and does not declare. A stored function runs far from the place where it was
// written, so all that it has are its parameters and the globals of its sandbox.

import { childrenOf, nodeAt, nodesAt, type SyntaxNode, textAt } from './syntax-tree.ts'

/** A variable from outside, and where it is used first. */
export interface Outside {
  readonly name: string
  readonly position: number
}

class Scope {
  readonly names = new Set<string>()
  readonly #outer: Scope | undefined
  /** True if declarations by `var` and functions of inner blocks belong here. */
  readonly isFunction: boolean

  constructor(outer: Scope | undefined, isFunction: boolean) {
    this.#outer = outer
    this.isFunction = isFunction
  }

  has(name: string): boolean {
    return this.names.has(name) || (this.#outer?.has(name) ?? false)
  }

  get ofFunction(): Scope {
    return this.isFunction ? this : (this.#outer?.ofFunction ?? this)
  }
}

/** Returns the variables from outside, in the order of their first uses, without those in `globals`. */
export function outsideVariables(root: SyntaxNode, globals: ReadonlySet<string>): readonly Outside[] {
  const found = new Map<string, Outside>()
  const use = ({ name, position }: Outside, scope: Scope): void => {
    const isFirst = position < (found.get(name)?.position ?? Number.POSITIVE_INFINITY)
    if (isFirst && !scope.has(name) && !globals.has(name)) found.set(name, { name, position })
  }
  walk(root, new Scope(undefined, true), use)
  return [...found.values()].toSorted((a, b) => a.position - b.position)
}

type Use = (outside: Outside, scope: Scope) => void

const functionTypes = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']
const blockTypes = [
  'BlockStatement',
  'StaticBlock',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'CatchClause',
]

function walk(node: SyntaxNode, scope: Scope, use: Use): void {
  const { type } = node
  if (type.startsWith('TS') && !hasExpression(node)) return
  if (node['declare'] === true || node['importKind'] === 'type') return
  if (type === 'Identifier') return use({ name: textAt(node, 'name'), position: node.start }, scope)
  if (functionTypes.includes(type)) return walkFunction(node, scope, use)
  if (type === 'ClassDeclaration' || type === 'ClassExpression') return walkClass(node, scope, use)
  if (type === 'Program' || blockTypes.includes(type)) return walkBlock(node, scope, use)
  if (type === 'VariableDeclarator') return walkParts(node, { scope, use, patterns: ['id'], values: ['init'] })
  for (const child of childrenOf(node)) if (isValue(child, node)) walk(child, scope, use)
}

/** `x as T`, `x!`, `<T>x`, `x satisfies T`. */
function hasExpression({ type }: SyntaxNode): boolean {
  return /^TS(?:As|Satisfies|NonNull)Expression$|^TSTypeAssertion$|^TSInstantiationExpression$/.test(type)
}

/** A name after a point, of a member, or of a label is no variable. */
function isValue(child: SyntaxNode, { type, ...node }: SyntaxNode): boolean {
  if (child.type !== 'Identifier') return !child.type.startsWith('TS') || hasExpression(child)
  if (type === 'MemberExpression') return node['computed'] === true || child !== node['property']
  if (type === 'Property' || type === 'MethodDefinition' || type === 'PropertyDefinition')
    return node['computed'] === true || child === node['value']
  return type !== 'LabeledStatement' && type !== 'BreakStatement' && type !== 'ContinueStatement'
}

function walkFunction(node: SyntaxNode, outer: Scope, use: Use): void {
  const scope = new Scope(outer, true)
  if (node.type !== 'ArrowFunctionExpression') scope.names.add('arguments')
  const name = nodeAt(node, 'id')
  if (name !== undefined) scope.names.add(textAt(name, 'name'))
  const parameters = nodesAt(node, 'params')
  for (const parameter of parameters) declare(parameter, scope)
  const body = nodeAt(node, 'body')
  if (body !== undefined) declareWithin(body, scope)
  for (const parameter of parameters) walkPattern(parameter, scope, use)
  if (body !== undefined) walk(body, scope, use)
}

function walkClass(node: SyntaxNode, outer: Scope, use: Use): void {
  const scope = new Scope(outer, false)
  const name = nodeAt(node, 'id')
  if (name !== undefined) scope.names.add(textAt(name, 'name'))
  for (const part of ['superClass', 'body']) {
    const child = nodeAt(node, part)
    if (child !== undefined) walk(child, scope, use)
  }
}

function walkBlock(node: SyntaxNode, outer: Scope, use: Use): void {
  const scope = new Scope(outer, false)
  const parameter = node.type === 'CatchClause' ? nodeAt(node, 'param') : undefined
  if (parameter !== undefined) declare(parameter, scope)
  declareIn(node, scope)
  for (const child of childrenOf(node)) if (child !== parameter) walk(child, scope, use)
  if (parameter !== undefined) walkPattern(parameter, scope, use)
}

function walkParts(
  node: SyntaxNode,
  of: { readonly scope: Scope; readonly use: Use; readonly patterns: string[]; readonly values: string[] },
): void {
  for (const name of of.patterns) {
    const pattern = nodeAt(node, name)
    if (pattern !== undefined) walkPattern(pattern, of.scope, of.use)
  }
  for (const name of of.values) {
    const value = nodeAt(node, name)
    if (value !== undefined) walk(value, of.scope, of.use)
  }
}

/** Walks the defaults and computed keys of a pattern, whose names are declarations. */
function walkPattern(node: SyntaxNode, scope: Scope, use: Use): void {
  switch (node.type) {
    case 'Identifier':
      return
    case 'AssignmentPattern':
      return walkParts(node, { scope, use, patterns: ['left'], values: ['right'] })
    case 'Property':
      if (node['computed'] === true) walkParts(node, { scope, use, patterns: [], values: ['key'] })
      return walkParts(node, { scope, use, patterns: ['value'], values: [] })
    default:
      for (const child of childrenOf(node)) if (!child.type.startsWith('TS')) walkPattern(child, scope, use)
  }
}

/** Declares the names of a pattern. */
function declare(pattern: SyntaxNode, scope: Scope): void {
  switch (pattern.type) {
    case 'Identifier':
      scope.names.add(textAt(pattern, 'name'))
      return
    case 'AssignmentPattern':
      return declareParts(pattern, ['left'], scope)
    case 'RestElement':
      return declareParts(pattern, ['argument'], scope)
    case 'Property':
      return declareParts(pattern, ['value'], scope)
    default:
      for (const child of childrenOf(pattern)) declare(child, scope)
  }
}

function declareParts(node: SyntaxNode, names: readonly string[], scope: Scope): void {
  for (const name of names) {
    const child = nodeAt(node, name)
    if (child !== undefined) declare(child, scope)
  }
}

/** Declares what the statements of a block declare. */
function declareIn(block: SyntaxNode, scope: Scope): void {
  for (const child of childrenOf(block)) {
    if (child.type === 'SwitchCase') declareIn(child, scope)
    if (child.type === 'VariableDeclaration' && child['kind'] !== 'var')
      for (const { id } of nodesAt(child, 'declarations').map((one) => ({ id: nodeAt(one, 'id') })))
        if (id !== undefined) declare(id, scope)
    const name = ['FunctionDeclaration', 'ClassDeclaration'].includes(child.type) ? nodeAt(child, 'id') : undefined
    if (name !== undefined) scope.names.add(textAt(name, 'name'))
  }
}

/** Declares every `var` of a function, wherever it is. */
function declareWithin(node: SyntaxNode, scope: Scope): void {
  if (functionTypes.includes(node.type) && node.type !== 'FunctionDeclaration') return
  if (node.type === 'FunctionDeclaration') return
  if (node.type === 'VariableDeclaration' && node['kind'] === 'var')
    for (const declarator of nodesAt(node, 'declarations')) declareParts(declarator, ['id'], scope.ofFunction)
  for (const child of childrenOf(node)) declareWithin(child, scope)
}
