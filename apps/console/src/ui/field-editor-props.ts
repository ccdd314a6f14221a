// The properties of every editor of a field.

import type { FieldInfo } from '../data/noun-schema.ts'

export interface FieldEditorProps {
  readonly field: FieldInfo
  /** The text of the value, from `valueToText`. */
  readonly text: string
  readonly label: string
  readonly onChange: (text: string) => void
  readonly isInvalid?: boolean
  readonly describedBy?: string | undefined
  readonly autoFocus?: boolean
  readonly id?: string
}
