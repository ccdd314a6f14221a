// The model that a tenant has connected, by its setting `model`.

import type { ObjectParts, SendOutside } from '@dotdo/service'
import { type ModelSettings, workersAiServer } from 'digital-objects'
import type { Model } from './model.ts'
import { openaiModel } from './openai-model.ts'
import { type WorkersAi, workersAiModel } from './workers-ai-model.ts'

export const keySecret = 'model-key'
const callMsMax = 60_000

export interface ModelAccess {
  readonly send: SendOutside
  /** The binding of Workers AI; undefined where there is none. */
  readonly ai: WorkersAi | undefined
}

export function isConnected({ ai }: ModelAccess, settings: ModelSettings | null): settings is ModelSettings {
  return settings !== null && (settings.server !== workersAiServer || ai !== undefined)
}

/** Returns undefined without a connection. */
export async function modelOf(
  access: ModelAccess,
  parts: Pick<ObjectParts, 'settings' | 'secret'>,
): Promise<{ readonly model: Model; readonly settings: ModelSettings } | undefined> {
  const { model: settings } = parts.settings()
  if (!isConnected(access, settings)) return undefined
  const { server } = settings
  if (server === workersAiServer) return access.ai && { model: workersAiModel(access.ai), settings }
  const key = await parts.secret(keySecret)
  return { model: openaiModel({ server, key, send: access.send, msMax: callMsMax }), settings }
}
