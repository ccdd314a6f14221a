// Chooses the entity that a reference names, by a search for its name. The list of suggestions is a listbox under the text.

import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { type Entity } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useRested } from '../data/use-rested.ts'
import { useScene } from '../data/workspace-context.tsx'
import type { FieldEditorProps } from './field-editor-props.ts'

const shownMax = 8
const restMs = 150

export function ReferenceEditor({
  field,
  text,
  label,
  onChange,
  autoFocus = false,
  id,
  isInvalid = false,
}: FieldEditorProps): ReactNode {
  const { say, language } = useSettings()
  const list = useId()
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const [active, setActive] = useState(0)
  const current = useEntity(text)
  const { found, isNone } = useMatches(typed ?? '', field.to ?? [], typed !== undefined)
  const shown = typed ?? (current === undefined ? text : titleOf(current))
  const isOpen = typed !== undefined && found.length > 0
  const choose = (entity: Entity | undefined): void => {
    if (entity === undefined) return
    onChange(entity.$id)
    setTyped(undefined)
  }
  const press = (event: KeyboardEvent): void => {
    if (!isOpen) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) setActive((active + step + found.length) % found.length)
    else if (event.key === 'Enter') choose(found[active])
    else if (event.key === 'Escape') setTyped(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <span className="reference-editor">
      <input
        id={id}
        role="combobox"
        autoComplete="off"
        aria-label={label}
        aria-invalid={isInvalid}
        aria-expanded={isOpen}
        aria-controls={list}
        aria-activedescendant={isOpen ? `${list}-${active}` : undefined}
        placeholder={say('edit.search')}
        autoFocus={autoFocus}
        value={shown}
        onKeyDown={press}
        onChange={({ target }) => {
          setActive(0)
          setTyped(target.value)
          // Words that name nothing are refused by the server, and not left out in silence.
          onChange(target.value)
        }}
      />
      <ul id={list} role="listbox" aria-label={label} hidden={!isOpen}>
        {found.map((entity, at) => (
          <li
            key={entity.$id}
            id={`${list}-${at}`}
            role="option"
            aria-selected={at === active}
            // The field keeps the focus, so that leaving it does not save too early.
            onPointerDown={(event) => (event.preventDefault(), choose(entity))}
          >
            {titleOf(entity)} <span className="soft">{entity.$type}</span>
          </li>
        ))}
      </ul>
      {isNone ? (
        <span className="soft small" role="status">
          {say('edit.notFound', {
            name: (field.to ?? []).map((type) => nounLabel(type, language.words)).join(', '),
          })}
        </span>
      ) : null}
    </span>
  )
}

export function useEntity(id: string): Entity | undefined {
  const { workspace, reading } = useScene()
  const type = workspace.typeOfId(id)?.name
  const { data } = useQuery({
    enabled: type !== undefined && id !== '',
    queryKey: [workspace.tenant, type, 'one', id, reading],
    queryFn: ({ signal }) => workspace.entity(type ?? '').get(id, { signal, ...reading }),
  })
  return data ?? undefined
}

interface Matches {
  readonly found: readonly Entity[]
  /** Whether the search ended with nothing. */
  readonly isNone: boolean
}

/** Searches in each type that the reference may name, four at most. */
function useMatches(text: string, types: readonly string[], isOn: boolean): Matches {
  const { workspace } = useScene()
  const searched = useRested(text, restMs)
  const { data: found = [], isSuccess } = useQuery({
    enabled: isOn,
    queryKey: [workspace.tenant, 'search', types, searched],
    queryFn: async ({ signal }) => {
      const options = { limit: shownMax, signal, strong: true }
      const filter = searched.trim() === '' ? {} : { $text: searched }
      const pages = await Promise.allSettled(
        types
          .filter((type) => workspace.types.has(type))
          .slice(0, 4)
          .map((type) => workspace.entity(type).find(filter, options)),
      )
      return pages.flatMap((page) => (page.status === 'fulfilled' ? page.value : [])).slice(0, shownMax)
    },
  })
  return { found, isNone: isOn && isSuccess && found.length === 0 && searched.trim() !== '' }
}
