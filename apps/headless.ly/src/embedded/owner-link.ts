// The operator's link, made at the start of a server that requires a sign-in. Its code is printed once. The server's
// configuration has only the SHA-256 of the code, so nobody can read the code there.

import { createHash, randomBytes } from 'node:crypto'

export interface OwnerLink {
  readonly code: string
  /** The Worker's binding `OWNER_LINK`. */
  readonly binding: string
}

const validMs = 3_600_000

export function makeOwnerLink(kind: 'claim' | 'recover', nowMs = Date.now()): OwnerLink {
  const code = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(code).digest('hex')
  return { code, binding: `${kind} ${hash} ${nowMs + validMs}` }
}

/** The code follows a `#`, so that browsers send it to no server and no log has it. */
export function formatOwnerLink(page: string, { code }: OwnerLink, purpose: string): string {
  return `
Open this link within an hour to ${purpose}. It works once:

  ${page}#${code}
`
}
