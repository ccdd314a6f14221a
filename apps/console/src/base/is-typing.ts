// Keys that are commands elsewhere mean themselves while somebody types, and in a dialog.

export function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey) return true
  return (
    target instanceof HTMLElement && (target.matches('input, select, textarea') || target.closest('dialog') !== null)
  )
}
