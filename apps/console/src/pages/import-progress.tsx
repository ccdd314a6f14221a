// The progress of an import: rows done of all, then the refused ones, and the way back.

import type { ServerJob } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { Fault } from '../ui/panel.tsx'
import { RefusedRows } from './refused-rows.tsx'

interface ImportProgressProps {
  readonly job: ServerJob
  readonly isActing: boolean
  readonly onUndo: (id: string) => void
}

export function ImportProgress({ job, isActing, onUndo }: ImportProgressProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { id, state, done, total, refused, error } = job
  return (
    <div role="status">
      <p>
        {say(state === 'running' ? 'import.running' : 'import.ended', {
          done: format.number(done - refused),
          total: format.number(total),
          refused: format.number(refused),
        })}
      </p>
      <progress aria-label={say('import.progress')} max={Math.max(1, total)} value={done} />
      <Fault error={error} />
      {refused > 0 && state !== 'running' ? <RefusedRows job={id} /> : null}
      {state === 'running' ? null : (
        <div className="actions">
          <button type="button" className="button" disabled={isActing || done === refused} onClick={() => onUndo(id)}>
            {say('import.undo')}
          </button>
        </div>
      )}
    </div>
  )
}
