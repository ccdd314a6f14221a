// A pause in long work, in which writers and whoever else asks the object get their turn.

export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
