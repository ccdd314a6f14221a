// An erasure as JSON: its certificate, which lists what was removed and has no values.

import type { ErasureEntity, StoredErasure } from '@dotdo/do'

export function toErasure(erasure: StoredErasure): object {
  const { id, roots, actor, reason, askedMs, finishedMs, stage, report } = erasure
  return {
    id,
    ids: roots,
    state: finishedMs === null ? 'running' : 'done',
    stage,
    askedAt: new Date(askedMs).toISOString(),
    askedBy: actor,
    ...(reason === null ? {} : { reason }),
    finishedAt: finishedMs === null ? null : new Date(finishedMs).toISOString(),
    removed: {
      nouns: report.nouns,
      logFiles: report.segments,
      deletedFiles: report.files,
      storedTexts: report.requests,
    },
  }
}

/** `entities` is a page of those that the erasure has reached. */
export function toCertificate(
  erasure: StoredErasure,
  { entities, cursor }: { readonly entities: readonly ErasureEntity[]; readonly cursor: string | null },
): object {
  return {
    ...toErasure(erasure),
    entities: entities.map(({ id, noun }) => ({ type: noun, id })),
    hasMore: cursor !== null,
    cursor,
  }
}
