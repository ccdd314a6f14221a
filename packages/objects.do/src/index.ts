export { mayBeAsked } from './answers/require-approver.ts'
export {
  type AuditEntry,
  AuditLog,
  auditTable,
  defaultFlushSettings,
  type ErasableTenant,
  erasuresKey,
  type FlushSettings,
  hasRested,
  liveRequest,
  parseFlushSettings,
  parseSecretKeys,
  type SecretKeys,
  type RegisteredTenant,
  type Registration,
  RegistryDurableObject,
  type Session,
  storageFull,
  type StorageSpace,
  tenantFilesOf,
  type TenantPage,
  ThreadTurns,
  unauthorized,
} from '@dotdo/do'
export {
  type Answer,
  type Answered,
  type AnswersCalls,
  type CallMessage,
  type CommandOutcome,
  type KeyVerdict,
  type Refused,
  type SentCommand,
  statusOf,
} from './answers/answer.ts'
export { AnswerRoom, noRoom } from './answers/answer-room.ts'
export { askTenant, bookmarkInText, formatAnswer, parseAnswer, refusalIn, toSent } from './answers/answer-text.ts'
export { type FoundRun, type ProgramKey, programEndIn, type ProgramStep } from './answers/program-step.ts'
export type { Caller } from './answers/caller.ts'
export { type Problem, problemOf } from './answers/problem.ts'
export { refuseOthers } from './entities/parameters.ts'
export { requireFullAuthority } from './answers/require-full-authority.ts'
export { answerFromFiles, type FilesAsked, mayAnswerFromFiles } from './calls/answer-from-files.ts'
export { operations } from './calls/operations.ts'
export { allowedMethods, isWord, operationPaths, pathOfRead, routeCall, type Routed } from './calls/http-routes.ts'
export { parseCalls } from './calls/parse-calls.ts'
export { crudVerbs, disabledOf } from './answers/crud-verbs.ts'
export { builtInWith } from './entities/built-in-nouns.ts'
export type { FilesParts, FilesResult } from './files/files-parts.ts'
export { describeOperator, tenantPage } from './openapi/describe-operator.ts'
export type { Operation } from './openapi/operation.ts'
export { workerCalls } from './openapi/worker-paths.ts'
export { TenantObject } from './tenant-object.ts'
