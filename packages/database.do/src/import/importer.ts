// The part of database.do inside the tenant's object: it converts staged rows by the plan of their import.

import type { Importer } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError } from 'digital-objects'
import { rowConverter } from './convert-row.ts'
import type { ImportPlan } from './import-plan.ts'
import { fromStaged } from './staged-row.ts'

export const importer: Importer = {
  converter: (plan, noun) => {
    const convert = rowConverter(parsePlan(plan), noun)
    return (staged) => {
      const row = fromStaged(staged)
      return 'fault' in row ? row : convert(row)
    }
  },
}

const targets: readonly unknown[] = ['field', 'id', 'at', 'metadata', 'ignored']

/** A plan that a client has made itself is checked as far as the conversion relies on it. */
function parsePlan(plan: JsonValue): ImportPlan {
  if (!isPlainObject(plan)) throw invalid('expects an object')
  const { columns, zone, system } = plan
  if (typeof zone !== 'string' || typeof system !== 'string') throw invalid('expects zone and system')
  if (!Array.isArray(columns) || !columns.every(isColumn)) throw invalid('expects columns with index, header and to')
  return plan as unknown as ImportPlan // checked
}

function isColumn(column: JsonValue): boolean {
  if (!isPlainObject(column)) return false
  const { index, header, to, field, path } = column
  const isPath =
    path === undefined || (Array.isArray(path) && path.every((name: JsonValue) => typeof name === 'string'))
  return (
    Number.isSafeInteger(index) &&
    typeof header === 'string' &&
    targets.includes(to) &&
    (field === undefined || typeof field === 'string') &&
    isPath
  )
}

function invalid(message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field: 'plan', message: `the plan ${message}` })
}
