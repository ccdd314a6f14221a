// A wrong command line. It is reported before anything is sent, with exit code 2.

import { nearestName } from 'digital-objects'

export class UsageError extends Error {
  /** The command whose help explains more. */
  readonly command: string | undefined

  constructor(message: string, command?: string) {
    super(message)
    this.name = 'UsageError'
    this.command = command
  }
}

/** Returns `; did you mean 'Contact'?`, or an empty string if no name is similar. `show` formats the name. */
export function suggestion(name: string, names: readonly string[], show = (text: string) => `'${text}'`): string {
  const nearest = nearestName(name, names)
  return nearest === undefined ? '' : `; did you mean ${show(nearest)}?`
}
