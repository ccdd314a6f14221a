export { formatCsvRecord } from './wire/csv-record.ts'
export { charactersOfFields, parseStoredJson } from './base/characters-of-fields.ts'
export {
  type Authority,
  fullAuthority,
  isFullAuthority,
  type NounAuthority,
  nothing,
  type RowFilter,
  type RowRule,
  withPrincipal,
} from './authority/authority.ts'
export {
  type ApprovalRule,
  approvalRulesMax,
  type CallerKind,
  callerKinds,
  parseApprovalRules,
} from './authority/approval-rules.ts'
export { type ApprovalStatus, approvalStatuses } from './wire/approval-status.ts'
export { callerKindOf } from './authority/caller-kind.ts'
export { type CompiledAuthority, compileAuthority, type Permission } from './authority/compile-authority.ts'
export { fingerprintOf } from './authority/fingerprint.ts'
export { bothRules, grantedTo, intersectAuthorities } from './authority/intersect-authorities.ts'
export { authorityCharactersMax, parseAuthority } from './authority/parse-authority.ts'
export { authorityOfRole, completeRoles, parseRoles, type Role, type Roles } from './roles/roles.ts'
export { fullVisibility, type Visibility } from './authority/visibility.ts'
export { assert } from './base/assert.ts'
export { bytesToHex } from './base/bytes-to-hex.ts'
export { type ErrorPlace, formatInternalError } from './base/format-internal-error.ts'
export { isObject, isPlainObject } from './base/is-object.ts'
export { findInexactNumber, inexactNumberFault, isExactNumeral } from './base/inexact-number.ts'
export { canonicalJson, isSameJson } from './base/canonical-json.ts'
export { parseExactJson, parseJson, tryParseJson } from './base/parse-json.ts'
export { unreachable } from './base/unreachable.ts'
export { type Bookmark, formatBookmark, isCovered, newerBookmark, parseBookmark } from './event/bookmark.ts'
export { canonicalText, hasCanonicalText } from './noun/canonical-text.ts'
export { isVerbDone } from './verb/is-verb-done.ts'
export { currencyCodes, currencyExponent, isCurrency } from './base/currency.ts'
export type { ReadRelated } from './noun/amount-expression.ts'
export { amountRulesOf } from './noun/parse-amount-rules.ts'
export { countedPeriod, formatNumber } from './settings/number-pattern.ts'
export { stateOf } from './verb/state-of.ts'
export { checkAcyclic, isUnderItself } from './rules/check-acyclic.ts'
export { boundsOn, breaksBound } from './rules/bounds-on.ts'
export { brokenBounds, checkBounds } from './rules/check-bounds.ts'
export { checkFrozen } from './rules/check-frozen.ts'
export { applyDefaults, applyVerb, type VerbCall } from './verb/apply-verb.ts'
export { checkStrict } from './catalog/check-strict.ts'
export { checkClaims } from './verb/check-claims.ts'
export { decideChange, verbArguments } from './verb/decide-change.ts'
export type { TotalQuery } from './verb/resolve-effect.ts'
export type { ReadRecords, RecordsQuery } from './verb/list-value.ts'
export { acceptedFields } from './noun/accepted-fields.ts'
export { createdFields } from './verb/created-fields.ts'
export { type DeletionFate, deletionFates, type DeletionRule } from './noun/deletion-rule.ts'
export { type Condition, type Conditions, describeCondition, holdsAll } from './noun/condition.ts'
export type { Requirement } from './noun/requirement.ts'
export { type Connections, describeVerb } from './verb/check-connections.ts'
export {
  isMailAddress,
  type MailAddress,
  type MailApi,
  type MailServer,
  type MailSettings,
  parseMailAddress,
  parseMailTarget,
} from './settings/mail-settings.ts'
export { type EmbeddingSettings, type ModelSettings, workersAiServer } from './settings/model-settings.ts'
export type { PaymentSettings } from './settings/payment-settings.ts'
export { crudVerb } from './noun/make-schema.ts'
export {
  commitChangesMax,
  effectLevelsMax,
  type EffectParts,
  type EffectReader,
  type FollowingChange,
  type MadeChange,
  tooDeep,
} from './effects/following-change.ts'
export { followingChanges, mayBeFollowed } from './effects/following-changes.ts'
export { mergeArgument, mergedFields, type MergeSource, mergeSources } from './effects/merge.ts'
export { touchedFields } from './effects/touched-fields.ts'
export { type Catalog, type CatalogEntry, makeCatalog } from './catalog/catalog.ts'
export { extend, type Extended } from './catalog/extend.ts'
export { referencesTo, storedFields, type Removal, listRemovals } from './catalog/definition-change.ts'
export { mergeDefinitions, removeMembers } from './catalog/merge-definitions.ts'
export { checkNounName } from './catalog/noun-names.ts'
export { reservedNounNames } from './catalog/reserved-names.ts'
export { Postponed } from './base/postponed.ts'
export { schemaNoun } from './catalog/schema-noun.ts'
export { rulesNoun } from './catalog/rules-noun.ts'
export { settingsNoun } from './catalog/settings-noun.ts'
export { systemNoun, systemNounNames } from './catalog/system-nouns.ts'
export {
  completeSettings,
  defaultSettings,
  patchSettings,
  type SettingName,
  settingNames,
  settingTable,
  type StoredSettings,
  type TenantSettings,
} from './settings/tenant-settings.ts'
export {
  addBusinessTime,
  type BusinessCalendar,
  type BusinessHours,
  isBusinessTime,
  type Weekday,
  weekdays,
} from './time/business-time.ts'
export { instantOf, localTime, type LocalTime, parseTimeZone } from './time/zone.ts'
export { nextCronTime, parseCron, type Cron } from './time/cron.ts'
export { addInZone, repeatedTime } from './time/calendar-time.ts'
export type { After, Schedule, ScheduleCondition, ScheduleDefinition } from './noun/schedule.ts'
export {
  type DueContext,
  isSameTiming,
  nextTime,
  type ScheduledEntity,
  type Timing,
  timingOf,
} from './schedule/due-time.ts'
export { mergePatch } from './base/merge-patch.ts'
export { erasedValue, type PersonalMarks, personalMarks, withoutPersonal } from './erasure/personal-values.ts'
export { foreignFields, keepToState, resettleState, settleState } from './verb/settle-state.ts'
export { checkTransition, irreversibleTransition } from './verb/transition.ts'
export { strangersOrigin, type WrittenFields, writtenTexts } from './verb/written-texts.ts'
export { kindsOfChange } from './verb/kinds-of-change.ts'
export { checkMovedTo, verbOfMove, verbsOfState } from './verb/verb-of-move.ts'
export { type UndoKind, undoVerb } from './verb/undo-verb.ts'
export {
  type Aggregate,
  type AggregateFunction,
  aggregateFunctions,
  type GroupTerm,
  groupsMax,
  type Measure,
  type TimeBucket,
  timeBuckets,
} from './aggregate/aggregate.ts'
export type { AggregateGroup, AggregateInput } from './aggregate/aggregate-types.ts'
export { type AggregateResult, type AggregateResults, toAggregateResults } from './aggregate/aggregate-results.ts'
export {
  bucketKey,
  entityFold,
  entityReading,
  type FoldEntity,
  groupKeyOf,
  isPlainValue,
  measuredValue,
  offsetsOf,
} from './aggregate/fold-entity.ts'
export { rowWorkOf } from './aggregate/row-work.ts'
export {
  type EntityReading,
  type Group,
  Groups,
  isCounted,
  type KeyValue,
  type MeasurePart,
  type MeasureValue,
} from './aggregate/groups.ts'
export { type CompiledMetric, compileMetric } from './metrics/compile-metric.ts'
export {
  defaultPeriod,
  type EntityMetric,
  type GrowthMetric,
  type MetricDefinition,
  type MetricGroup,
  type MetricUnit,
  type MovementMetric,
  type MovementPart,
  movementParts,
  type RatioMetric,
  type RetentionMetric,
} from './metrics/metric-definition.ts'
export { parseMetric } from './metrics/parse-metric.ts'
export { parseFirstPath, parseValuePath } from './aggregate/parse-value-path.ts'
export { type NounRole, nounRoles } from './noun/role.ts'
export { sha256Hex } from './base/sha-256.ts'
export { functionName } from './wire/function-name.ts'
export { type AggregateParameters, parseAggregate } from './aggregate/parse-aggregate.ts'
export { parseValueExpression } from './aggregate/parse-value-expression.ts'
export { pathsOfExpression, type ReadPath, type ValueExpression } from './aggregate/value-expression.ts'
export { bucketOf } from './aggregate/time-bucket.ts'
export type { ValuePath } from './aggregate/value-path.ts'
export type { ZoneTable } from './aggregate/zone-offsets.ts'
export { compareText } from './base/compare-text.ts'
export { type Conjugation, conjugate, type Gerund, type Past } from './noun/conjugate.ts'
export { type Cursor, formatCursor, parseCursor, type SortValue } from './filter/cursor.ts'
export { type AuditKind, auditKinds } from './wire/audit-kind.ts'
export { secretCharactersMax, secretNamePattern } from './wire/secret-rules.ts'
export { happenedAtRule, parseHappenedAt } from './wire/happened-at.ts'
export type { HistoryLine, LoadedHistory } from './wire/history-line.ts'
export { forceReasonRule, isForceReason } from './wire/force-reason.ts'
export { formatDatetime, isDate, parseDatetime } from './base/datetime.ts'
export { addDuration, type Duration, parseDuration } from './base/duration.ts'
export {
  type Entity,
  type EntityFields,
  type EntityMeta,
  type JsonValue,
  type MetaFieldName,
  metaFieldNames,
  type Scalar,
} from './base/entity.ts'
export type {
  CreateInput,
  EntityOf,
  EventTypeOf,
  FilterInput,
  FirstOf,
  HookNameOf,
  IncludeOf,
  IncludePathOf,
  MoreRelated,
  NounMap,
  Simplify,
  SortInput,
  UpdateInput,
  VerbNameOf,
  WithIncludes,
} from './noun/entity-types.ts'
export { type Changes, eventFormat, type ObjectEvent, type Via } from './event/event.ts'
export { type EventPattern, matchesEventPattern, parseEventPattern } from './event/event-pattern.ts'
export { requireKnownTypes } from './catalog/require-known-types.ts'
export {
  type BinaryOperator,
  binaryOperators,
  type Callback,
  type CallbackParameter,
  type Expression,
  expressionDepthMax,
  expressionNodesMax,
  type FunctionName,
  functions,
  type ListMethod,
  listMethods,
  type TextMethod,
  textMethods,
  type UnaryOperator,
  unaryOperators,
} from './wire/expression.ts'
export {
  type Filter,
  type FilterPath,
  type FilterValue,
  type ListStorage,
  matchAll,
  matchesAll,
  matchNone,
  type ScalarStorage,
  type SortTerm,
  type StorageClass,
} from './filter/filter.ts'
export {
  type EntityId,
  formatIdSecond,
  idMaker,
  isEntityId,
  isEntityIdOf,
  parseEventId,
  parseId,
  type Random,
} from './base/id.ts'
export {
  type ExceptionalValue,
  type JsonException,
  jsonExceptionsMax,
  restoreExceptions,
  type ValueAsJson,
  valueToJson,
  type ValueToJsonOptions,
} from './base/json-exceptions.ts'
export { compares, hasWords, type MatchContext, matches, valueTest } from './filter/matches.ts'
export { valueAt, valueInField } from './filter/value-at.ts'
export { nearestName } from './base/nearest-name.ts'
export type {
  EffectDefinition,
  FieldTexts,
  NounDefinition,
  PathIndexDefinition,
  TransitionDefinition,
} from './noun/definition.ts'
export type { InverseOf, IsUnique, ReferenceTargets } from './noun/field-text.ts'
export { makeNoun, Noun, type NounOptions } from './noun/noun.ts'
export { parseAdditions, parseNoun } from './noun/parse-noun.ts'
export { referredIds } from './noun/referred-ids.ts'
export { domains, type DomainName, type NounName, nouns } from './nouns/all-nouns.ts'
export {
  type KnownName,
  nounsOfDomain,
  type NounsOfDomain,
  paymentNouns,
  serviceDomains,
  type ServiceNounName,
  serviceNouns,
} from './nouns/service-nouns.ts'
export { describeSchema } from './nouns/describe-schema.ts'
export { Event } from './nouns/analytics/event.ts'
export { Funnel } from './nouns/analytics/funnel.ts'
export { Goal } from './nouns/analytics/goal.ts'
export { Metric } from './nouns/analytics/metric.ts'
export { Coupon } from './nouns/payments/coupon.ts'
export { CreditNote } from './nouns/payments/credit-note.ts'
export { LineItem } from './nouns/payments/line-item.ts'
export { Refund } from './nouns/payments/refund.ts'
export { SubscriptionItem } from './nouns/payments/subscription-item.ts'
export { TaxRate } from './nouns/payments/tax-rate.ts'
export { Customer } from './nouns/billing/customer.ts'
export { Invoice } from './nouns/billing/invoice.ts'
export { Payment } from './nouns/billing/payment.ts'
export { Plan } from './nouns/billing/plan.ts'
export { Price } from './nouns/billing/price.ts'
export { Product } from './nouns/billing/product.ts'
export { Subscription } from './nouns/billing/subscription.ts'
export { Message } from './nouns/communication/message.ts'
export { Asset } from './nouns/content/asset.ts'
export { Content } from './nouns/content/content.ts'
export { Site } from './nouns/content/site.ts'
export { Activity } from './nouns/crm/activity.ts'
export { Contact } from './nouns/crm/contact.ts'
export { Deal } from './nouns/crm/deal.ts'
export { Lead } from './nouns/crm/lead.ts'
export { Organization } from './nouns/crm/organization.ts'
export { Pipeline } from './nouns/crm/pipeline.ts'
export { Experiment } from './nouns/experiments/experiment.ts'
export { FeatureFlag } from './nouns/experiments/feature-flag.ts'
export { ApiKey } from './nouns/identity/api-key.ts'
export { User } from './nouns/identity/user.ts'
export { Campaign } from './nouns/marketing/campaign.ts'
export { Form } from './nouns/marketing/form.ts'
export { Segment } from './nouns/marketing/segment.ts'
export { Agent } from './nouns/platform/agent.ts'
export { Integration } from './nouns/platform/integration.ts'
export { Workflow } from './nouns/platform/workflow.ts'
export { Comment } from './nouns/projects/comment.ts'
export { Issue } from './nouns/projects/issue.ts'
export { Project } from './nouns/projects/project.ts'
export { Ticket } from './nouns/support/ticket.ts'
export {
  type Fault,
  ObjectError,
  type ObjectErrorCode,
  objectErrorCodes,
  type ObjectErrorData,
} from './base/object-error.ts'
export { parseField } from './noun/parse-field.ts'
export { fieldParametersToFilter, parseFilter, parseFilterText } from './filter/parse-filter.ts'
export type { FilterContext } from './filter/parse-path.ts'
export { defaultSort, parseSort } from './filter/parse-sort.ts'
export { referencePath } from './filter/reference-path.ts'
export { type PipelineStep, pipelineStepsMax } from './wire/pipeline.ts'
export {
  bodyCharactersMax,
  type Call,
  type CallOf,
  callsMax,
  frameCharactersMax,
  frameLinesMax,
  messageCharactersMax,
  type Parameters,
  type Reference,
  referencePathMax,
  referencesMax,
} from './wire/call.ts'
export { referredPart, withReferred } from './wire/call-reference.ts'
export { describeExpectedVersion, type ExpectedVersion, isExpectedVersion } from './wire/expected-version.ts'
export { decodePart, parseParameters } from './wire/parse-query.ts'
export { idempotencyKeyRule, isIdempotencyKey, keyCharactersMax } from './wire/idempotency-key.ts'
export type {
  DataField,
  EnumField,
  Field,
  NounLookup,
  NounSchema,
  PathIndex,
  ReferenceField,
  ReverseField,
  StoredField,
  StateRule,
  Transition,
  Verb,
} from './noun/schema.ts'
export { elementStorageOf, isListStorage, metaStorage, storageClassOf } from './filter/storage-class.ts'
export type { ClockState } from './wire/clock-state.ts'
export type { EntitiesOverview, EventOverview, Overview } from './wire/overview.ts'
export type { Alert, JobStatus, Status } from './wire/status.ts'
export { tokenize, tokenizerVersion } from './base/tokenize.ts'
export { type Validated, validateCreate, validateUpdate } from './noun/validate.ts'
export { initialValue } from './noun/initial-value.ts'
export type { EffectValue, EffectValues, RelatedEffect, VerbEffect } from './noun/verb-effect.ts'
export { type VerbKind, verbKinds } from './noun/verb-kind.ts'
