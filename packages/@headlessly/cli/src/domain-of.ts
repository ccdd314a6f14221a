// The domain of a built-in entity type.

import { domains, nounsOfDomain } from 'digital-objects'

/** Returns an empty string for a type of no domain. */
export function domainOf(name: string): string {
  const has = (domain: string): boolean => nounsOfDomain(domain)?.some((member) => member === name) === true
  return Object.keys(domains).find(has) ?? ''
}
