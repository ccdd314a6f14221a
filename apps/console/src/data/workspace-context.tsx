// The open workspace and the moment that the page shows, for every component below.

import { createContext, use } from 'react'
import type { Workspace } from './workspace.ts'

export interface Scene {
  readonly workspace: Workspace
  /** The moment that is shown; undefined for now. The past cannot be changed. */
  readonly at: string | undefined
  /** Options of every read: the past, or the newest state. */
  readonly reading: { readonly asOf: string } | { readonly strong: true }
}

export const SceneContext = createContext<Scene | undefined>(undefined)

export function useScene(): Scene {
  const scene = use(SceneContext)
  if (scene === undefined) throw new Error('a scene is used outside of a workspace')
  return scene
}
