// Begins a record that refers to the one that is shown: a deal of a contact, a subscription of a customer.

import { type ReactNode, useState } from 'react'
import { nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { type FieldInfo, type NounInfo, useNounInfo } from '../data/noun-schema.ts'
import { startOfRelated } from '../data/related-start.ts'
import { useScene } from '../data/workspace-context.tsx'
import { useMay } from '../ui/granted.tsx'
import { Fault } from '../ui/panel.tsx'
import { NewRecord } from './new-record.tsx'

interface NewRelatedProps {
  readonly info: NounInfo
  readonly entity: Entity
}

export function NewRelated({ info, entity }: NewRelatedProps): ReactNode {
  const { say, language } = useSettings()
  const { workspace, at } = useScene()
  const may = useMay()
  const [chosen, setChosen] = useState<FieldInfo | undefined>(undefined)
  const relations = offeredRelations(
    info,
    ({ from = '' }) => workspace.types.has(from) && may({ verb: 'create', of: from }),
  )
  if (at !== undefined || relations.length === 0) return null
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
            {nounLabel(field.from ?? '', language.words)}
          </option>
        ))}
      </select>
      {chosen === undefined ? null : (
        <NewOfType relation={chosen} info={info} entity={entity} onClose={() => setChosen(undefined)} />
      )}
    </>
  )
}

const offeredMax = 10

/** Each type once, by the field that is named like this type if there is one: a deal of a contact, and not one that it owns. */
function offeredRelations(info: NounInfo, isKnown: (field: FieldInfo) => boolean): readonly FieldInfo[] {
  const own = info.name.toLowerCase()
  const isOwn = ({ by = '' }: FieldInfo): boolean => by.toLowerCase() === own
  const all = info.fields.filter((field) => field.kind === 'reverse' && isKnown(field))
  const named = all.filter((field) => isOwn(field) && !['files', 'comments'].includes(field.name))
  const ofType = new Map<string, FieldInfo>()
  for (const field of named.length > 0 ? named : all)
    if (!ofType.has(field.from ?? '')) ofType.set(field.from ?? '', field)
  return [...ofType.values()].slice(0, offeredMax)
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
