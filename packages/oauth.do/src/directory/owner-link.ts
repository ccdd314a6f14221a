// The operator's link, as the server's configuration has it: what it does, the SHA-256 of its code, and its end. The code itself
// is printed once, where the operator starts the server.

export interface OwnerLink {
  /** `claim` makes the first owner; `recover` also signs in an owner who has lost every other way. */
  readonly kind: 'claim' | 'recover'
  readonly hash: string
  readonly endsMs: number
}

/** Reads `claim <hash> <end in ms>`. Throws for any other text. */
export function parseOwnerLink(text: string): OwnerLink {
  const [, kind, hash = '', ends] = /^(claim|recover) ([0-9a-f]{64}) (\d{1,15})$/.exec(text) ?? []
  if (kind === 'claim' || kind === 'recover') return { kind, hash, endsMs: Number(ends) }
  throw new Error(
    'expected OWNER_LINK as claim or recover, the SHA-256 of a code in hexadecimal digits, and its end in ms',
  )
}
