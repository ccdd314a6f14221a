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
${keepingAdvice(new URL(page))}`
}

/** The cookie is `Secure`, so a link that is opened elsewhere would be used up and leave nobody signed in. */
function keepingAdvice({ protocol, hostname, port }: URL): string {
  if (protocol === 'https:' || hostname === 'localhost') return ''
  const at = port === '' ? '80' : port
  return `
Browsers keep a sign-in only at https and http://localhost. So give the address of a proxy with TLS as --public-url,
or open the link at http://localhost:${at} after: ssh -L ${at}:${hostname}:${at} <the name of this machine>
`
}
