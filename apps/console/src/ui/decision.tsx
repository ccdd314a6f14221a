// The choice between one's own change and that of somebody else, after the person has seen both.

import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'

interface DecisionProps {
  readonly onMine: () => void
  readonly onTheirs: () => void
}

export function Decision({ onMine, onTheirs }: DecisionProps): ReactNode {
  const { say } = useSettings()
  return (
    <span className="actions">
      <button type="button" className="button small primary" onClick={onMine}>
        {say('change.mine')}
      </button>
      <button type="button" className="button small" onClick={onTheirs}>
        {say('change.theirs')}
      </button>
    </span>
  )
}
