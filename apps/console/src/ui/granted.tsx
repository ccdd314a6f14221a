// Parts of a page that only some callers may use: they are left out for all others, or it is said what they would need.

import type { ReactNode } from 'react'
import { nounLabel, verbLabel } from '../base/names.ts'
import { isGranted, type Need } from '../base/rights.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useScene } from '../data/workspace-context.tsx'
import { Empty } from './states.tsx'

export function useMay(): (need: Need) => boolean {
  const { whoami } = useScene().workspace
  return (need) => isGranted(whoami, need)
}

/** Shows nothing to who may not use it. */
export function Granted({ need, children }: { readonly need: Need; readonly children: ReactNode }): ReactNode {
  return useMay()(need) ? children : null
}

/** The page of an address that leads to what the caller may not use. */
export function NotGranted({ need }: { readonly need: Need }): ReactNode {
  const { say } = useSettings()
  const why = useWhyNot()
  return <Empty title={say('fail.forbidden')} hint={`${why(need)} ${say('fail.forbiddenHint')}`} />
}

/** A sentence about what the caller lacks. */
export function useWhyNot(): (need: Need) => string {
  const { say, language } = useSettings()
  return (need) => {
    if (need === 'everything' || need === 'server') return say(`need.${need}`)
    if ('read' in need) return say('need.read', { types: nounLabel(need.read, language.words, 'many') })
    return say('need.verb', {
      verb: verbLabel(need.verb, language.words),
      types: nounLabel(need.of, language.words, 'many'),
    })
  }
}
