// The syntax tree of a function's source: nodes as plain data, and a walk over their children.

/** A node of ESTree, or of its extension for TypeScript. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [name: string]: unknown
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/** Returns the node in a member; undefined if there is none. */
export function nodeAt(node: SyntaxNode, name: string): SyntaxNode | undefined {
  const value = node[name]
  return isNode(value) ? value : undefined
}

/** Returns the nodes in a list, without holes. */
export function nodesAt(node: SyntaxNode, name: string): readonly SyntaxNode[] {
  const value = node[name]
  return Array.isArray(value) ? value.filter(isNode) : []
}

export function textAt(node: SyntaxNode, name: string): string {
  const value = node[name]
  return typeof value === 'string' ? value : ''
}

export function* childrenOf(node: SyntaxNode): Generator<SyntaxNode> {
  for (const value of Object.values(node)) {
    if (isNode(value)) yield value
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) yield item
  }
}

/** A part of the source that a stored function cannot have. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
  readonly position: number

  constructor(message: string, position: number) {
    super(message)
    this.position = position
  }
}
