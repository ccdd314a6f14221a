// Keys that are commands elsewhere mean themselves while somebody types, and in a dialog.

export function isTyping(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, altKey } = event
  return ctrlKey || metaKey || altKey || isInForm(event)
}

/** A range has no text of its own. */
export function isInForm({ target }: KeyboardEvent): boolean {
  return (
    target instanceof HTMLElement &&
    (target.matches('input:not([type="range"], [type="checkbox"]), select, textarea') ||
      target.closest('dialog') !== null)
  )
}
