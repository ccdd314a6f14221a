// Begins a record that refers to the one that is shown: a deal of a contact, a subscription of a customer.

import { type ReactNode, useState } from 'react'
import { fieldLabel, nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { type FieldInfo, type NounInfo, useNounInfo } from '../data/noun-schema.ts'
import { startOfRelated } from '../data/related-start.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Fault } from '../ui/panel.tsx'
import { NewRecord } from './new-record.tsx'

interface NewRelatedProps {
  readonly info: NounInfo
  readonly entity: Entity
}

export function NewRelated({ info, entity }: NewRelatedProps): ReactNode {
  const { say, language } = useSettings()
  const { workspace, at } = useScene()
  const [chosen, setChosen] = useState<FieldInfo | undefined>(undefined)
  const relations = info.fields.filter(
    ({ kind, from, name }) =>
      kind === 'reverse' && name !== 'files' && name !== 'comments' && workspace.types.has(from ?? ''),
  )
  if (at !== undefined || relations.length === 0) return null
  const labelOf = ({ from = '', by = '' }: FieldInfo): string => {
    const isTwice = relations.filter((other) => other.from === from).length > 1
    return `${nounLabel(from, language.words)}${isTwice ? ` (${fieldLabel(by, language.words)})` : ''}`
  }
  return (
    <>
      <select
        className="small"
        aria-label={say('record.newRelated')}
        value=""
        onChange={({ target }) => setChosen(relations.find(({ name }) => name === target.value))}
      >
        <option value="">{say('record.newRelated')}</option>
        {relations.map((field) => (
          <option key={field.name} value={field.name}>
            {labelOf(field)}
          </option>
        ))}
      </select>
      {chosen === undefined ? null : (
        <NewOfType relation={chosen} info={info} entity={entity} onClose={() => setChosen(undefined)} />
      )}
    </>
  )
}

interface NewOfTypeProps extends NewRelatedProps {
  readonly relation: FieldInfo
  readonly onClose: () => void
}

function NewOfType({ relation, info, entity, onClose }: NewOfTypeProps): ReactNode {
  const { data, error } = useNounInfo(relation.from ?? '')
  if (error !== null) return <Fault error={error} />
  if (data === undefined) return null
  const start = startOfRelated({ fields: data.fields, by: relation.by ?? '', entity, ofEntity: info.fields })
  return <NewRecord info={data} start={start} onClose={onClose} />
}
