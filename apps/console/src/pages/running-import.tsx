// An import into this list that was begun before the page was loaded: the server goes on with it, and the page shows how far it is, and
// how it ended.

import type { ListedJob } from '@headlessly/sdk'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { begunImport, storeBegunImport } from '../data/begun-import.ts'
import { useAct } from '../data/use-act.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Panel } from '../ui/panel.tsx'
import { ImportProgress } from './import-progress.tsx'

const everyMs = 1_000

export function RunningImport({ noun }: { readonly noun: string }): ReactNode {
  const say = useToolTexts()
  const { tenant, client } = useScene().workspace
  const acting = useAct({ isTold: true })
  // An import that has ended stays until it is closed.
  const list = { tenant, noun }
  const [followed, setFollowed] = useState(() => begunImport(list))
  const close = (): void => {
    storeBegunImport(list, undefined)
    setFollowed(undefined)
  }
  const isRunning = (job: ListedJob): boolean => job.kind === 'import' && job.noun === noun && job.state === 'running'
  const { data: jobs = [] } = useQuery({
    queryKey: [tenant, 'jobs', noun],
    queryFn: ({ signal }) => client.jobs.list({ signal }),
    refetchInterval: ({ state }) => (state.data?.some(isRunning) === true ? everyMs : false),
  })
  const running = jobs.find(isRunning)
  if (running !== undefined && followed === undefined) setFollowed(running.id)
  const shown = jobs.find(({ id }) => id === followed)
  if (shown === undefined) return null
  const undo = (id: string): void =>
    acting.act({
      work: () => client.commits.undo({ job: id }),
      done: say('agents.undone'),
      then: close,
    })
  return (
    <Panel
      title={say('import.progress')}
      tools={
        shown.state === 'running' ? null : (
          <button type="button" className="button small quiet" onClick={close}>
            {say('import.close')}
          </button>
        )
      }
    >
      <ImportProgress job={shown} isActing={acting.isActing} onUndo={undo} />
    </Panel>
  )
}
