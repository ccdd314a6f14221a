// A tenant's name in paths, keys and files: characters that need no escaping in any of them.

const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/

export function isTenantSlug(text: string): boolean {
  return slugPattern.test(text)
}
