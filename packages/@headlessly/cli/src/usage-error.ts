// A command that cannot be meant as it is written: told before anything is sent, with exit code 2.

import { nearestName } from 'digital-objects'

export class UsageError extends Error {
  /** The command whose help says more. */
  readonly command: string | undefined

  constructor(message: string, command?: string) {
    super(message)
    this.name = 'UsageError'
    this.command = command
  }
}

/** `; did you mean 'Contact'?`, or nothing where no name is near. `show` is how the name is written. */
export function suggestion(name: string, names: readonly string[], show = (text: string) => `'${text}'`): string {
  const nearest = nearestName(name, names)
  return nearest === undefined ? '' : `; did you mean ${show(nearest)}?`
}
