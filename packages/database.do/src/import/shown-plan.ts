// A plan as answers show it, with what was found out about the file.

import type { FileEvidence } from './file-evidence.ts'
import type { OpenedFile } from './file-rows.ts'
import type { ImportPlan } from './import-plan.ts'

export function shownPlan(file: OpenedFile, plan: ImportPlan, evidence?: FileEvidence): object {
  const { format, encoding, isEncodingSure, delimiter, sheet } = file
  const examples = (index: number): object =>
    evidence === undefined ? {} : { examples: evidence.columns[index]?.examples ?? [] }
  return {
    file: {
      format,
      ...(encoding === undefined ? {} : { encoding, isEncodingSure }),
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(sheet === undefined ? {} : { sheet }),
    },
    plan: { ...plan, columns: plan.columns.map((column) => ({ ...column, ...examples(column.index) })) },
  }
}
