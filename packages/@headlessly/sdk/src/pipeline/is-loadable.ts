// Whether what a callback gives can be handed over by the server so that this program can go on with it: an entity, the
// list that a relation gives, or data. An object or a list that a callback makes may have entities inside, which would come
// as rows that lead nowhere.

import type { Expression } from 'digital-objects'

/** Of what the callback is given the same is true. */
export function isLoadable(node: Expression): boolean {
  switch (node.kind) {
    case 'member':
    case 'element':
    case 'chain':
      return isLoadable(node.of)
    case 'conditional':
      return isLoadable(node.then) && isLoadable(node.otherwise)
    case 'binary':
      return /[-+*/%=<>]/.test(node.operator) || (isLoadable(node.left) && isLoadable(node.right))
    case 'object':
    case 'list':
    case 'method':
      return false
    default:
      return true
  }
}
