// The value of a field before or after a change, as its type shows it.

import type { ReactNode } from 'react'
import { useNounInfo } from '../data/noun-schema.ts'
import { shown } from './shown.ts'
import { Value } from './value.tsx'

interface ChangedValueProps {
  readonly noun: string
  readonly field: string
  readonly value: unknown
}

export function ChangedValue({ noun, field: name, value }: ChangedValueProps): ReactNode {
  const { data: info } = useNounInfo(noun)
  const field = info?.fields.find((one) => one.name === name)
  if (value === null || value === undefined) return <>–</>
  // A field that the type has no more, and a structure, are shown as they are stored.
  if (info === undefined || field === undefined || isStructure(value)) return <>{shown(value)}</>
  return <Value field={field} entity={{ [name]: value }} info={info} />
}

function isStructure(value: unknown): boolean {
  return typeof value === 'object' && !(Array.isArray(value) && value.every((one) => typeof one === 'string'))
}
