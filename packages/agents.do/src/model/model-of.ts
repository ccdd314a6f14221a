// The model that a tenant has connected, by its setting `model`.

import type { ObjectParts, SendOutside } from '@dotdo/service'
import { type EmbeddingSettings, type ModelSettings, workersAiServer } from 'digital-objects'
import type { Embedder } from './embedder.ts'
import type { Model } from './model.ts'
import { openaiEmbedder, openaiModel } from './openai-model.ts'
import { type WorkersAi, workersAiEmbedder, workersAiModel } from './workers-ai-model.ts'

export const keySecret = 'model-key'
const callMsMax = 60_000
/** A search waits for it. */
const embedMsMax = 15_000

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

/** The model of vectors that a tenant has connected, by the member `embeddings` of the same setting. */
export interface EmbedderConnection {
  readonly settings: EmbeddingSettings
  readonly server: string
}

/** Returns undefined without a connection. */
export function embeddingsOf(
  access: ModelAccess,
  parts: Pick<ObjectParts, 'settings'>,
): EmbedderConnection | undefined {
  const { model } = parts.settings()
  if (!isConnected(access, model) || model.embeddings === null) return undefined
  return { settings: model.embeddings, server: model.server }
}

export async function embedderOf(
  { ai, send }: ModelAccess,
  parts: Pick<ObjectParts, 'secret'>,
  { server }: EmbedderConnection,
): Promise<Embedder> {
  if (server === workersAiServer && ai !== undefined) return workersAiEmbedder(ai)
  return openaiEmbedder({ server, key: await parts.secret(keySecret), send, msMax: embedMsMax })
}
