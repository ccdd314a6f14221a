// An icon of the console.

import type { ReactNode } from 'react'
import { type IconName, iconPaths } from '../base/icon-paths.ts'

export type { IconName }

/** Decorates a text beside it, so screen readers skip it. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d={iconPaths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
