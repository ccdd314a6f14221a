// Standard Schema v1 (standardschema.dev), so that libraries that accept such schemas can validate the input of `create`
// with a Noun. The interface is declared here because this package has no dependencies.

import type { EntityFields } from '../base/entity.ts'
import type { NounSchema } from './schema.ts'
import { validateCreate } from './validate.ts'

export interface StandardSchema<Input> {
  readonly version: 1
  readonly vendor: 'headless.ly'
  readonly validate: (
    value: unknown,
  ) => { readonly value: EntityFields; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] }
  readonly types?: { readonly input: Input; readonly output: EntityFields } | undefined
}

export interface StandardIssue {
  readonly message: string
  readonly path: readonly string[]
}

export function standardSchemaOf(schema: NounSchema): StandardSchema<never> {
  return {
    version: 1,
    vendor: 'headless.ly',
    validate: (value) => {
      const validated = validateCreate(schema, value)
      if (validated.ok) return { value: validated.fields }
      return {
        issues: validated.faults.map(({ field, message }) => ({
          message: `field '${field}' ${message}`,
          path: field === '' ? [] : field.split('.'),
        })),
      }
    },
  }
}
