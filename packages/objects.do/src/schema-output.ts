import type { NounSchema } from 'digital-objects'
export function nounToSchemaOutput(s: NounSchema): unknown {
  return s
}
