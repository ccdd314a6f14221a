export { assert } from './assert.ts'
export { type Bookmark, formatBookmark, isCovered, parseBookmark } from './bookmark.ts'
export { type Change, type DecideContext, eventCharactersMax, type Written } from './commit.ts'
export {
  EventsStore,
  type LiveEvent,
  type LogRow,
  logRowToEvent,
  logRowToText,
  rowsScannedMax,
  withContext,
} from './events-store.ts'
export { type FindOptions, type FindPage, countVersions, findVersions, totalMax } from './find.ts'
export { type FindPlan, type FindPlanOptions, planCount, planFind } from './find-plan.ts'
export { defaultFlushSettings, type FlushSettings, parseFlushSettings } from './flush/flush-settings.ts'
export { turn } from './flush/turn.ts'
export { type AfterHandler, type BeforeContext, type BeforeHook, type Hooks, noHooks } from './hooks.ts'
export { cutPage, type SortedVersion } from './list-cursor.ts'
export { type NounTable, nounToTable } from './noun-table.ts'
export { compileRegex } from './regex-engine.ts'
export type { StoredVersion } from './row-codec.ts'
export { type TenantDefinition, TenantDurableObject } from './tenant-durable-object.ts'
export { TenantStore } from './tenant-store.ts'
