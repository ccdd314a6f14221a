// The form `Contact.find`, in which the command line names a method of the client.

/** Whether the word has that form, even if no such method exists. */
export function isMethodName(word: string): boolean {
  return /^[A-Z]\w*\.\w*$/.test(word)
}
