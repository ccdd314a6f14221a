export {
  domains,
  extend,
  type EventTypeOf,
  type JsonValue,
  makeNoun,
  type MoreRelated,
  Noun,
  type NounDefinition,
  type NounOptions,
  type ObjectEvent,
  type Via,
} from 'digital-objects'
export { type Client, type ClientOf, Headlessly, type Namespace, type NamespaceName } from './client/client.ts'
export { $ } from './default/default-client.ts'
export { analytics, Event, Funnel, Goal, Metric } from './default/analytics.ts'
export {
  billing,
  Coupon,
  CreditNote,
  Customer,
  Invoice,
  LineItem,
  Payment,
  Plan,
  Price,
  Product,
  Refund,
  Subscription,
  SubscriptionItem,
  TaxRate,
} from './default/billing.ts'
export { Message } from './default/communication.ts'
export { Asset, Content, content, Site } from './default/content.ts'
export { Activity, Contact, crm, Deal, Lead, Organization, Pipeline } from './default/crm.ts'
export { Experiment, experiments, FeatureFlag } from './default/experiments.ts'
export { ApiKey, User } from './default/identity.ts'
export { Campaign, Form, marketing, Segment } from './default/marketing.ts'
export { Agent, Integration, platform, Workflow } from './default/platform.ts'
export { Comment, Issue, Project, projects } from './default/projects.ts'
export { support, Ticket } from './default/support.ts'
export type { Batch, Batched, BatchOptions } from './batch/batch.ts'
export type { BatchMethods, BatchWrites, Committed, Made } from './batch/batch-methods.ts'
export type { CallOptions } from './calls/call-options.ts'
export type { DryRun, Refusal } from './calls/dry-run.ts'
export type { Commits, UndoingCommit, UndoOptions, Undone } from './client/commits.ts'
export type { Plans } from './client/plans.ts'
export type { Commit } from './events/list-commits.ts'
export type {
  Diff,
  Dry,
  EntityMethods,
  FindOptions,
  Found,
  GetOptions,
  HookClient,
  CreateManyOptions,
  EachRow,
  ManyOptions,
  RowRefusal,
  ManyResult,
  Point,
  ReadOptions,
  Rows,
  VerbInput,
  Which,
  WriteOptions,
} from './entities/entity-methods.ts'
export type { Events } from './events/event-stream.ts'
export type { LiveOptions } from './events/live-list.ts'
export type { ChangesListener, ListChange, LiveChange, LiveListener, LiveReset } from './events/live-rows.ts'
export type { SubscribeOptions, Unsubscribe } from './events/subscription.ts'
export { anyEntity, type AnyEntity, type AnyGroup, type AnyRow } from './entities/any-entity.ts'
export type { EventFor, EventPattern } from './types/event-types.ts'
export { HeadlesslyError, type HeadlesslyErrorCode, type HeadlesslyErrorData } from './base/headlessly-error.ts'
export type { MetricOptions, MetricPoint, MetricReport, Metrics, MetricSeries, MetricValues } from './client/metrics.ts'
export type {
  Analysis,
  AnalysisOptions,
  ExperimentAnalysis,
  FunnelAnalysis,
  FunnelCounts,
  FunnelOptions,
  GoalAnalysis,
  Members,
  MembersOptions,
} from './client/analyses.ts'
export type { Assignment, Flags, FlagSubject, FlagValue } from './client/flags.ts'
export type { FileLink, Files, ThumbnailSize, UploadedAsset, UploadOptions } from './client/files.ts'
export type { ImportContent, ImportOptions, Imports, PlannedImport, RefusedImportRow } from './client/imports.ts'
export type { Payments, PaymentsStatus } from './client/payments.ts'
export type { Semantic, SemanticOptions, SemanticResults } from './client/semantic.ts'
export type { Backtest, BacktestOptions, BacktestRun, FunctionRun, Functions } from './client/functions.ts'
export type { FunctionInput, StoredFunction } from './calls/put-function.ts'
export type { Registered, RegisterOptions } from './calls/register-function.ts'
export type { AfterInfo, BeforeInfo } from './entities/hooks.ts'
export type { Every, Triggers } from './client/triggers.ts'
export type { AggregatePage } from './entities/entity-methods.ts'
export type { Archive } from './client/archive.ts'
export type { Export, ExportFormat, ExportOptions } from './client/export.ts'
export type { AttachedLake, Lake, LakeReport } from './client/lake.ts'
export type { Jobs, ListedJob } from './client/jobs.ts'
export type { StoredWebhook, WebhookDelivery, WebhookInput, Webhooks } from './client/webhooks.ts'
export type { ServerJob } from './calls/server-job.ts'
export type {
  Later,
  Linked,
  LinkedPart,
  LinkedRow,
  Pending,
  PendingValue,
  Pipeline as PendingList,
  RelatedList,
} from './types/linked.ts'
export { Listing, type Page } from './calls/listing.ts'
export type { EventOf, FieldOf, RelationOf, Row } from './types/noun-of.ts'
export type { EventListOptions } from './events/read-events.ts'
export type { Fetch, HeadlesslyOptions, ServerOptions } from './wire/settings.ts'
export type { ClockState, JobStatus, Status, TenantSettings } from 'digital-objects'
export type { Clock } from './client/clock.ts'
export type { History, Lines, LoadOptions } from './client/history.ts'
export type { ApprovalRule, HistoryLine, LoadedHistory } from 'digital-objects'
export type { Additions, DefinedType, Schemas } from './client/schemas.ts'
export type {
  Access,
  AuditEntry,
  AuditPage,
  Grant,
  Invitation,
  MembersWhoSee,
  RolesInput,
  Rules,
  SecretInfo,
  SeenByMember,
  Whoami,
} from './client/access.ts'
export { Account, type AccountReport, type Membership, type ServerAccount } from './client/account.ts'
export { type DemoOptions, type DemoSize, loadDemo, type LoadedDemo } from './demo/load-demo.ts'
export type { Erasure, ErasurePreview } from './client/erasures.ts'
export type { Approval, Approvals } from './client/approvals.ts'
export type { Settings, SettingsPatch } from './client/settings.ts'
export type { ReadStatus } from './client/status.ts'
export { sendAsText } from './wire/send-as-text.ts'
export type { Answer, CommandCall, Heard, CallMessage, ListenCall, Outcome, Transport } from './wire/transport.ts'
export type { CreatingVerbs, VerbArguments } from './types/verb-arguments.ts'
export {
  type ServerTenants,
  type TenantDeletion,
  type TenantRestore,
  type TenantPage,
  Tenants,
  type TenantSummary,
} from './client/tenants.ts'
