// A tenant may have had a Noun before this service brought one of the same name, and keeps it: the rules of ours are not for it.

import type { NounSchema } from 'digital-objects'

export function isTenantsOwn({ service }: Pick<NounSchema, 'service'>): boolean {
  return service !== 'payments.do'
}
