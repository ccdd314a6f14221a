// Groups of a list with their numbers and sums, counted by the server. A group is a condition to choose.

import type { ReactNode } from 'react'
import { valueLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { Group } from '../data/entity.ts'
import type { Filter } from '../data/filter-terms.ts'
import { type FieldInfo, inOrderOf, type NounInfo } from '../data/noun-schema.ts'
import { useGroups } from '../data/use-rows.ts'
import { Amount, Reference } from '../ui/value.tsx'

interface GroupsProps {
  readonly info: NounInfo
  readonly filter: Filter
  readonly by: string | undefined
  readonly onChoose: (filter: Filter) => void
}

const summedNames = ['value', 'amount', 'total', 'amountDue', 'budget', 'quantity']

export function Groups({ info, filter, by, onChoose }: GroupsProps): ReactNode {
  const field = info.fields.find(({ name }) => name === by)
  const summed = summedNames.find((name) => info.fields.some((one) => one.name === name && !one.many))
  const groups = useGroups({ noun: info.name, filter, by: field?.name, sum: summed === undefined ? [] : [summed] })
  if (field === undefined || groups === undefined) return null
  const max = Math.max(1, ...groups.map(({ count }) => count))
  return (
    <ul className="groups">
      {inOrderOf(info, field.name, groups).map((group) => {
        const value = group.by[field.name] ?? null
        return (
          <li key={JSON.stringify(value)}>
            <button type="button" onClick={() => onChoose({ ...filter, [field.name]: value })}>
              <GroupText
                field={field}
                group={group}
                value={value}
                summed={info.fields.find(({ name }) => name === summed)}
              />
              <span
                className="bar"
                style={{ width: `${Math.max(3, (group.count / max) * 100)}%` }}
                aria-hidden="true"
              />
            </button>
          </li>
        )
      })}
    </ul>
  )
}

interface GroupTextProps {
  readonly field: FieldInfo
  readonly group: Group
  readonly value: unknown
  readonly summed: FieldInfo | undefined
}

function GroupText({ field, group, value, summed }: GroupTextProps): ReactNode {
  const { say, format, language } = useSettings()
  const sum = summed === undefined ? undefined : group.sum?.[summed.name]
  return (
    <>
      <span className="group-name">
        {value === null ? (
          say('list.unnamed')
        ) : field.kind === 'reference' ? (
          <Reference value={value} />
        ) : (
          valueLabel(String(value), language.words, field.noun)
        )}
      </span>
      <strong>{format.number(group.count)}</strong>
      {summed === undefined || sum === undefined || sum === null ? null : (
        <span className="soft number">
          <Amount field={summed} value={sum} currency={undefined} />
        </span>
      )}
    </>
  )
}
