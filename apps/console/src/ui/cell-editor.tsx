// Edits one field of an entity in place. The new value is shown before the server has confirmed it. A refusal is said at the field
// in the server's words, and what was typed stays. If somebody else has changed the entity meanwhile, both values are shown and
// the person decides.

import { HeadlesslyError } from '@headlessly/sdk'
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import type { Entity } from '../data/entity.ts'
import type { FieldInfo } from '../data/noun-schema.ts'
import { isConflict, useChange } from '../data/use-change.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Decision } from './decision.tsx'
import { FieldEditor, textToValue, valueToText } from './field-editor.tsx'

interface CellEditorProps {
  readonly noun: string
  readonly field: FieldInfo
  readonly entity: Entity
  /** The value as it is shown while it is not edited. */
  readonly children: ReactNode
  readonly onClose: (how: 'left' | 'saved') => void
  /** Called when the new value is on its way to the server. The editor comes back if it is refused. */
  readonly onSaving?: () => void
}

interface Conflict {
  readonly theirs: Entity
}

export function CellEditor({ noun, field, entity, children, onClose, onSaving }: CellEditorProps): ReactNode {
  const { say, language, errorText } = useSettings()
  const { workspace } = useScene()
  const { change, isChanging } = useChange()
  const tell = useToast()
  const isOpen = useIsMounted()
  const fault = useId()
  // The text that the person began with: a live update must not change it under their hands.
  const [begun] = useState(entity)
  const textOf = (of: Entity): string => valueToText(field, of[field.name], of['currency'] ?? workspace.currency)
  const initial = textOf(begun)
  const [text, setText] = useState(initial)
  const [refusal, setRefusal] = useState<unknown>(undefined)
  const message = refusal === undefined ? undefined : errorText(refusalOf(refusal, field.name))
  const [conflict, setConflict] = useState<Conflict | undefined>(undefined)
  const label = say('edit.label', { name: fieldLabel(field.name, language.words, field.noun) })
  const save = async (ifVersion: number): Promise<void> => {
    if (isChanging) return
    if (text === initial && conflict === undefined) return onClose('left')
    setRefusal(undefined)
    onSaving?.()
    try {
      await change({
        noun,
        id: begun.$id,
        verb: 'update',
        ifVersion,
        data: { [field.name]: textToValue(field, text, begun['currency'] ?? workspace.currency) },
      })
      if (isOpen.current) onClose('saved')
    } catch (error) {
      // The person has gone on to another place, and is told where they are.
      if (!isOpen.current) return tell({ kind: 'failed', text: `${label}: ${errorText(refusalOf(error, field.name))}` })
      const theirs = isConflict(error) ? await workspace.entity(noun).get(begun.$id, { strong: true }) : null
      if (theirs === null) setRefusal(error)
      // Others changed other fields: only this field is written, so nothing of theirs is lost.
      else if (textOf(theirs) === initial && conflict === undefined) await save(theirs.$version)
      else setConflict({ theirs })
    }
  }
  const press = (event: KeyboardEvent): void => {
    event.stopPropagation()
    const isLong = event.target instanceof HTMLTextAreaElement
    if (event.key === 'Escape') onClose('left')
    else if (event.key === 'Enter' && (!isLong || event.ctrlKey) && conflict === undefined) void save(begun.$version)
    else return
    event.preventDefault()
  }
  if (isChanging)
    return (
      <span className="saving" aria-busy="true">
        {children}
      </span>
    )
  return (
    <span
      className="cell-editor"
      onKeyDown={press}
      onBlur={(event) => leaves(event) && conflict === undefined && message === undefined && void save(begun.$version)}
    >
      <FieldEditor
        field={field}
        text={text}
        label={label}
        onChange={setText}
        isInvalid={message !== undefined}
        describedBy={fault}
        autoFocus
      />
      {message === undefined && conflict === undefined ? null : (
        <span className="cell-fault" id={fault} role="alert">
          {message ??
            say('change.conflict', {
              value: (conflict && textOf(conflict.theirs)) || '–',
            })}
          {/* In another tab, since this one has what was typed. */}
          {refusal instanceof HeadlesslyError && refusal.code === 'unauthorized' ? (
            <a href="/sign-in?to=/console" target="_blank" rel="noopener">
              {' '}
              {say('fail.signIn')}
            </a>
          ) : null}
          {conflict === undefined ? null : (
            <Decision onMine={() => void save(conflict.theirs.$version)} onTheirs={() => onClose('left')} />
          )}
        </span>
      )}
    </span>
  )
}

function useIsMounted(): RefObject<boolean> {
  const isMounted = useRef(true)
  useEffect(() => {
    isMounted.current = true
    return () => {
      isMounted.current = false
    }
  }, [])
  return isMounted
}

function leaves({
  currentTarget,
  relatedTarget,
}: {
  readonly currentTarget: Element
  readonly relatedTarget: EventTarget | null
}): boolean {
  return !(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))
}

/** The server names each field at fault; the sentence about this one is enough beside it. */
function refusalOf(error: unknown, field: string): unknown {
  const own = error instanceof HeadlesslyError ? error.errors.find((one) => one.field === field) : undefined
  return own?.message ?? error
}
