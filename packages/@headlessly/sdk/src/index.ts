export type { EventTypeOf, JsonValue, Noun, ObjectEvent, Via } from 'digital-objects'
export { type Client, Headlessly, type Namespace, type NamespaceName } from './client.ts'
export { $ } from './default-client.ts'
export { analytics, Event, Funnel, Goal, Metric } from './entities/analytics.ts'
export { billing, Customer, Invoice, Payment, Plan, Price, Product, Subscription } from './entities/billing.ts'
export { Message } from './entities/communication.ts'
export { Asset, Content, content, Site } from './entities/content.ts'
export { Activity, Contact, crm, Deal, Lead, Organization, Pipeline } from './entities/crm.ts'
export { Experiment, experiments, FeatureFlag } from './entities/experiments.ts'
export { ApiKey, User } from './entities/identity.ts'
export { Campaign, Form, marketing, Segment } from './entities/marketing.ts'
export { Agent, Integration, platform, Workflow } from './entities/platform.ts'
export { Comment, Issue, Project, projects } from './entities/projects.ts'
export { support, Ticket } from './entities/support.ts'
export type {
  CallOptions,
  Diff,
  EntityMethods,
  FindOptions,
  Found,
  GetOptions,
  ManyOptions,
  Point,
  ReadOptions,
  VerbInput,
  WriteOptions,
} from './entity-methods.ts'
export type { EventFor, EventPattern, Events, SubscribeOptions, Unsubscribe } from './event-stream.ts'
export { HeadlesslyError, type HeadlesslyErrorCode, type HeadlesslyErrorData } from './headlessly-error.ts'
export type { Lake, LakeReport } from './lake.ts'
export type {
  Later,
  Linked,
  LinkedPart,
  LinkedRow,
  Pending,
  PendingValue,
  Pipeline as PendingList,
  RelatedList,
} from './linked.ts'
export { Listing, type Page } from './listing.ts'
export type { EventOf, FieldOf, RelationOf, Row } from './noun-of.ts'
export type { EventListOptions } from './read-events.ts'
export type { Fetch, HeadlesslyOptions } from './settings.ts'
export type { Status } from 'digital-objects'
export type { ReadStatus } from './status.ts'
export { sendAsText } from './wire/send-as-text.ts'
export type { Answer, CommandCall, Heard, CallMessage, ListenCall, Outcome, Transport } from './wire/transport.ts'
export type { CreatingVerbs, VerbArguments } from './verb-arguments.ts'
