// Chooses the entity that a reference names, by a search for its name. The list of suggestions is a listbox under the text; words that
// name nothing may become the name of a new one.

import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { type Entity } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useCreateNamed } from '../data/use-create-named.ts'
import { useRested } from '../data/use-rested.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Fault } from './panel.tsx'
import type { FieldEditorProps } from './field-editor-props.ts'
import { type ReferenceOption, ReferenceOptions } from './reference-options.tsx'

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
  const [moved, setMoved] = useState<number | undefined>(undefined)
  const current = useEntity(text)
  const { found, isNone } = useMatches(typed ?? '', field.to ?? [], typed !== undefined)
  const shown = typed ?? (current === undefined ? text : titleOf(current))
  const choose = (entity: Entity): void => {
    onChange(entity.$id)
    setTyped(undefined)
  }
  const creating = useCreateNamed(field.to ?? [], choose)
  const options: readonly ReferenceOption[] = isNone
    ? creating.types.map((type) => ({ key: type, type, name: typed?.trim() ?? '' }))
    : found.map((entity) => ({ key: entity.$id, entity }))
  const isOpen = typed !== undefined && options.length > 0
  // The first match is meant by Enter, and a new entity only after it was gone to.
  const active = moved ?? (isNone ? -1 : 0)
  const take = (option: ReferenceOption | undefined): void => {
    if (option === undefined || creating.isCreating) return
    if ('entity' in option) choose(option.entity)
    else creating.create(option)
  }
  const press = (event: KeyboardEvent): void => {
    if (!isOpen) return
    const { key } = event
    if (key === 'ArrowDown') setMoved((active + 1) % options.length)
    else if (key === 'ArrowUp') setMoved((Math.max(active, 0) - 1 + options.length) % options.length)
    else if (key === 'Enter' && active >= 0) take(options[active])
    else if (key === 'Escape') setTyped(undefined)
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
        aria-activedescendant={isOpen && active >= 0 ? `${list}-${active}` : undefined}
        placeholder={say('edit.search')}
        autoFocus={autoFocus}
        value={shown}
        onKeyDown={press}
        onChange={({ target }) => {
          setMoved(undefined)
          creating.reset()
          setTyped(target.value)
          // Words that name nothing are refused by the server, and not left out in silence.
          onChange(target.value)
        }}
      />
      <ReferenceOptions id={list} label={label} options={isOpen ? options : []} active={active} onTake={take} />
      {isNone ? (
        <span className="soft small" role="status">
          {say('edit.notFound', {
            name: (field.to ?? []).map((type) => nounLabel(type, language.words)).join(', '),
          })}
        </span>
      ) : null}
      <Fault error={creating.error} />
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
  /** Whether the search for these very words ended with nothing. */
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
  const isNone = isOn && isSuccess && found.length === 0 && searched === text && searched.trim() !== ''
  return { found, isNone }
}
