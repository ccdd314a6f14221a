/** The forms of what a service brings, so that it needs to see no package below. */
export type {
  AfterHandler,
  AsyncBeforeHandler,
  Amounts,
  AuditEntry,
  AuditSelection,
  AuthorizationAnswer,
  AuthorizationPage,
  AuthorizationRequest,
  AuthorizingCaller,
  BeforeHook,
  ChangingAfter,
  Budget,
  ConsentClient,
  DueText,
  DelegatedWork,
  ExpiringValue,
  ExpiringValues,
  Identity,
  Job,
  ListedGrant,
  Ranked,
  RetryRule,
  SearchedNoun,
  Secret,
  Settled,
  StoredAuditEntry,
  TenantFiles,
  TokenProof,
  VerifyMore,
  VectorIndex,
  Verdict,
} from '@dotdo/do'
export { ask, type Asked, errorOfProblem } from './ask-tenant.ts'
export {
  bindingsOf,
  composeCommands,
  composeConnections,
  composeHooks,
  composeIdentity,
  composeImporter,
  composeJobs,
  composeVerify,
} from './compose-services.ts'
export { type ListedPage, ListedPages, type Row, type RowWriter, streamPages } from './listed-pages.ts'
export { joinBytes } from './join-bytes.ts'
export {
  type ImportedRow,
  type Importer,
  type ImportFinding,
  importStepRows,
  type RefusedRow,
  type RowReference,
} from './importer.ts'
export type {
  RouteDocument,
  Acting,
  ApprovalState,
  CommandCaller,
  Connect,
  KeptObjects,
  ObjectParts,
  Ranking,
  Service,
  ServiceCommands,
  ServicePrincipal,
  ServiceAnswer,
  ServiceFile,
  ServiceRequest,
  ServiceRoute,
} from './service.ts'
export type {
  Committed,
  EarlierRun,
  ProgramEnd,
  ProgramKey,
  ProgramOutcome,
  Rehearsed,
  ServiceProgram,
} from './program.ts'
export { readXml, type XmlListener } from './read-xml.ts'
export { guardSuccess } from './guard-success.ts'
export { mayDoEverything } from './may-do-everything.ts'
export { isPublicHost } from './public-address.ts'
export {
  type OutsideBindings,
  type OutsideOutcome,
  type OutsideRequest,
  type OutsideRules,
  outsideOf,
  sendBy,
  type SendOutside,
} from './send-outside.ts'
