// The choices under the text of a reference: entities that were found, or new ones that would get the words as their name.

import type { ReactNode } from 'react'
import { nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'

export type ReferenceOption =
  | { readonly key: string; readonly entity: Entity }
  | { readonly key: string; readonly type: string; readonly name: string }

interface ReferenceOptionsProps {
  readonly id: string
  readonly label: string
  readonly options: readonly ReferenceOption[]
  /** The place of the chosen one; -1 for none. */
  readonly active: number
  readonly onTake: (option: ReferenceOption) => void
}

export function ReferenceOptions({ id, label, options, active, onTake }: ReferenceOptionsProps): ReactNode {
  const { say, language } = useSettings()
  return (
    <ul id={id} role="listbox" aria-label={label} hidden={options.length === 0}>
      {options.map((option, at) => (
        <li
          key={option.key}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === active}
          // The field keeps the focus, so that leaving it does not save too early.
          onPointerDown={(event) => (event.preventDefault(), onTake(option))}
        >
          {'entity' in option ? (
            <>
              {titleOf(option.entity)} <span className="soft">{option.entity.$type}</span>
            </>
          ) : (
            say('edit.create', { type: nounLabel(option.type, language.words), name: option.name })
          )}
        </li>
      ))}
    </ul>
  )
}
