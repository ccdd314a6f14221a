export { type TenantFiles, tenantFilesOf } from './flush/tenant-files.ts'
export { type Approval, approvalMsMax, type Decision, pendingMax } from './requests/approval-store.ts'
export { influencedBy, influenceMs, type Origins } from './state/origins.ts'
export { ApprovalRequired, type ConsentMode, type ConsentReason } from './write/consent.ts'
export { type RulesValues, type StoredRules, toRulesValues, toStoredRules } from './state/rules-state.ts'
export type { HandlerDecisions } from './write/handler-decisions.ts'
export type { IdempotencyKey } from './write/idempotency.ts'
export type { Change, DecideContext, WriteGuard, Written } from './write/change.ts'
export {
  type Committed,
  type CommitOptions,
  type Committing,
  type CommitWork,
  commitCharactersMax,
  commitTooLarge,
  isCommitTooLarge,
} from './write/commit.ts'
export { commitChangesMax } from 'digital-objects'
export { type DueEntity, earliestEntities, idsWithValue } from './state/ids-with-value.ts'
export { mergedInto } from './state/merged-into.ts'
export type { CommitSeries, PastCommit } from './write/commit-series.ts'
export { hashLine, type LoadPosition } from './history/past-load.ts'
export type { StoreCommitOptions } from './write/store-commit-options.ts'
export { entityCharactersMax } from './write/perform-change.ts'
export { type EventChoice, type EventHead, rowsScannedMax } from './log/event-heads.ts'
export { EventsStore } from './log/events-store.ts'
export { type LogRow, logRowToEvent, logRowToText, withContext } from './log/log-row.ts'
export { EventVisibility } from './state/event-visibility.ts'
export { actorCharactersMax, parseEventSelection } from './log/event-selection.ts'
export {
  type AuditEntry,
  AuditLog,
  type AuditSelection,
  auditTable,
  type StoredAuditEntry,
} from './identity/audit-log.ts'
export { parseSecretKeys, type SecretKeys } from './secrets/secret-keys.ts'
export { type SecretInfo, SecretStore, secretsTable } from './secrets/secret-store.ts'
export type { Session } from './identity/credentials.ts'
export type {
  AuthorizationAnswer,
  AuthorizationPage,
  AuthorizationRequest,
  AuthorizingCaller,
  ConsentClient,
  ListedGrant,
} from './identity/authorization-server.ts'
export type { Amounts, Budget, BudgetKind } from './identity/budgets.ts'
export type { ExpiringValue, ExpiringValues, ListedValues, PutValue } from './identity/expiring-values.ts'
export { type DelegatedWork, delegatedWorkOf, directingField } from './identity/delegated-work.ts'
export type { Identity, Secret, TokenProof, Verdict } from './identity/identity.ts'
export { unauthorized } from './identity/keys.ts'
export { liveRequest } from './live/live-request.ts'
export { checkDefinitionChange, checkNoEntities, checkReturn } from './state/definition-use.ts'
export { type AggregateOptions, aggregateVersions } from './state/aggregate.ts'
export {
  entityBefore,
  type EntityTimeline,
  hasFewVersions,
  readTimelineChunk,
  readTimelines,
  type TimelineChunk,
  type Timelines,
} from './state/timelines.ts'
export { type FindOptions, type FindPage, countVersions, findVersions, scannedMax } from './state/find.ts'
export { type FindPlan, type FindPlanOptions, patternMatchOf, planCount, planFind } from './state/find-plan.ts'
export { defaultFlushSettings, type FlushSettings, parseFlushSettings } from './flush/flush-settings.ts'
export { lostReport, type VerifyMore } from './flush/verify-tenant.ts'
export type { BulkJob, BulkWork } from './requests/bulk-job-store.ts'
export type { ImportLink, ImportSource, RefusedImportRow } from './requests/import-store.ts'
export type { Plan } from './requests/plan-store.ts'
export type { AppendedEvent, ClockName, Job, RetryRule } from './jobs/job.ts'
export { nextTask } from './base/next-task.ts'
export { readInRounds, Unfinished } from './base/unfinished.ts'
export { requireSpace, storageFull, type StorageSpace } from './base/storage-space.ts'
export {
  type AfterHandler,
  type AsyncBeforeContext,
  type AsyncBeforeHandler,
  type BeforeContext,
  type BeforeHook,
  type ChangingAfter,
  type HandlerRead,
  type HandlerReads,
  type Hooks,
  noHooks,
} from './write/hooks.ts'
export { type Bounds, boundsOf, isBig, type Need } from './state/find-bounds.ts'
export { ReadRun } from './state/read-run.ts'
export { SlicedFind } from './state/sliced-find.ts'
export type { Slices } from './state/slices.ts'
export { type CutPage, cutPage, pageCharactersMax, type SortedVersion } from './state/list-cursor.ts'
export { missingTarget } from './state/integrity.ts'
export { referringPairs } from './state/referring.ts'
export { findTouched } from './state/touched-fields.ts'
export type { ErasureEntity, StoredErasure } from './erasure/erasure-store.ts'
export { erasuresKey } from './erasure/recorded-erasures.ts'
export { deliveriesOf } from './write/deliveries.ts'
export { type NounTable, nounToTable } from './state/noun-table.ts'
export { compileRegex } from './state/regex-engine.ts'
export { ruleHolds } from './state/rule-holds.ts'
export type { Ranked } from './state/vector-ranking.ts'
export { type DueText, type SearchedNoun, type Settled, type VectorIndex, vectorsMax } from './state/vector-index.ts'
export { versionToEntity } from './state/version-to-entity.ts'
export type { StoredVersion } from './state/row-codec.ts'
export { type DefinedTenant, hasRested, type TenantDefinition, TenantDurableObject } from './tenant-durable-object.ts'
export type { JobContext } from './compose-tenant.ts'
export type { LogReader } from './log/log-reader.ts'
export { knownSince } from './log/known-since.ts'
export { lastEventBefore } from './log/last-event-before.ts'
export type { StateReader } from './state/state-reader.ts'
export { TenantStore } from './tenant-store.ts'
export { ThreadTurns } from './turns/thread-turns.ts'
export { FirstWrite } from './write/first-write.ts'
export {
  type ErasableTenant,
  RegistryDurableObject,
  type RegistryParts,
  type TenantPage,
} from './registry/registry-durable-object.ts'
export type { RegisteredTenant, Registration } from './registry/tenant-names.ts'
export { ArchivedEvents } from './log/archived-events.ts'
