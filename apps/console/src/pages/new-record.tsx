// Creates an entity: the fields that it must have and those of its first columns, and all others on demand.

import { HeadlesslyError } from '@headlessly/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useId, useState } from 'react'
import { go } from '../base/navigation.tsx'
import { fieldLabel, nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { type FieldInfo, firstColumns, type NounInfo } from '../data/noun-schema.ts'
import { fieldsOfNew } from '../data/offered-fields.ts'
import { refresh } from '../data/use-change.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { FieldEditor, textToValue } from '../ui/field-editor.tsx'

interface NewRecordProps {
  readonly info: NounInfo
  /** Texts of fields that are given already. */
  readonly start?: Readonly<Record<string, string>>
  readonly onClose: () => void
}

export function NewRecord({ info, start = {}, onClose }: NewRecordProps): ReactNode {
  const { say, language, errorText } = useSettings()
  const { workspace } = useScene()
  const queries = useQueryClient()
  const [texts, setTexts] = useState(start)
  const [showsAll, setShowsAll] = useState(false)
  const creation = useMutation({
    mutationFn: () => {
      const given = info.fields.flatMap((field) => {
        const text = texts[field.name] ?? ''
        return text.trim() === ''
          ? []
          : [[field.name, textToValue(field, text, texts['currency'] ?? workspace.currency)]]
      })
      return workspace.entity(info.name).perform('create', Object.fromEntries(given))
    },
    onSuccess: (created) => {
      void refresh(queries, workspace.tenant, info.name)
      onClose()
      if (created !== null) go({ tenant: workspace.tenant, noun: info.name, id: created.$id, search: {} })
    },
  })
  const early = new Set([...firstColumns(info), ...longTexts])
  const fields = fieldsOfNew(info).filter(
    ({ name, required }) => showsAll || required === true || early.has(name) || name in start,
  )
  return (
    <Dialog title={say('new.title', { name: nounLabel(info.name, language.words) })} onClose={onClose}>
      <form
        className="fields"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          creation.mutate()
        }}
      >
        {fields.map((field, at) => (
          <NewField
            key={field.name}
            field={field}
            text={texts[field.name] ?? ''}
            fault={faultOf(creation.error, field.name)}
            isFirst={at === 0}
            onChange={(text) => setTexts({ ...texts, [field.name]: text })}
          />
        ))}
        {creation.error === null || isOfFields(creation.error, fields) ? null : (
          <p className="fault" role="alert">
            {errorText(creation.error)}
          </p>
        )}
        <div className="actions">
          <button type="submit" className="button primary" disabled={creation.isPending}>
            {say('new.create')}
          </button>
          {showsAll ? null : (
            <button type="button" className="button quiet" onClick={() => setShowsAll(true)}>
              {say('new.more')}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  )
}

/** Texts that a record is written for. */
const longTexts = ['body', 'description']

interface NewFieldProps {
  readonly field: FieldInfo
  readonly text: string
  readonly fault: string | undefined
  readonly isFirst: boolean
  readonly onChange: (text: string) => void
}

function NewField({ field, text, fault, isFirst, onChange }: NewFieldProps): ReactNode {
  const { language, translate } = useSettings()
  const [input, message] = [useId(), useId()]
  const label = fieldLabel(field.name, language.words, field.noun)
  return (
    <div title={translate(field.description, field.noun)}>
      <label htmlFor={input}>
        {label}
        {field.required === true ? <span aria-hidden="true"> *</span> : null}
      </label>
      <FieldEditor
        id={input}
        field={field}
        text={text}
        label={label}
        onChange={onChange}
        isInvalid={fault !== undefined}
        describedBy={message}
        autoFocus={isFirst}
      />
      <p id={message} className={fault === undefined ? undefined : 'fault'}>
        {fault === undefined ? null : translate(fault)}
      </p>
    </div>
  )
}

function faultOf(error: unknown, field: string): string | undefined {
  if (!(error instanceof HeadlesslyError)) return undefined
  return error.errors.find((one) => one.field === field)?.message ?? (error.field === field ? error.message : undefined)
}

/** Whether each fault is said at its field. */
function isOfFields(error: unknown, fields: readonly FieldInfo[]): boolean {
  return fields.some(({ name }) => faultOf(error, name) !== undefined)
}
