// The 35 built-in entities, and the 11 domains they belong to.

import { Event } from './analytics/event.ts'
import { Funnel } from './analytics/funnel.ts'
import { Goal } from './analytics/goal.ts'
import { Metric } from './analytics/metric.ts'
import { Customer } from './billing/customer.ts'
import { Invoice } from './billing/invoice.ts'
import { Payment } from './billing/payment.ts'
import { Plan } from './billing/plan.ts'
import { Price } from './billing/price.ts'
import { Product } from './billing/product.ts'
import { Subscription } from './billing/subscription.ts'
import { Message } from './communication/message.ts'
import { Asset } from './content/asset.ts'
import { Content } from './content/content.ts'
import { Site } from './content/site.ts'
import { Activity } from './crm/activity.ts'
import { Contact } from './crm/contact.ts'
import { Deal } from './crm/deal.ts'
import { Lead } from './crm/lead.ts'
import { Organization } from './crm/organization.ts'
import { Pipeline } from './crm/pipeline.ts'
import { Experiment } from './experiments/experiment.ts'
import { FeatureFlag } from './experiments/feature-flag.ts'
import { ApiKey } from './identity/api-key.ts'
import { User } from './identity/user.ts'
import { Campaign } from './marketing/campaign.ts'
import { Form } from './marketing/form.ts'
import { Segment } from './marketing/segment.ts'
import { Agent } from './platform/agent.ts'
import { Integration } from './platform/integration.ts'
import { Workflow } from './platform/workflow.ts'
import { Comment } from './projects/comment.ts'
import { Issue } from './projects/issue.ts'
import { Project } from './projects/project.ts'
import { Ticket } from './support/ticket.ts'

export const nouns = Object.freeze({
  User,
  ApiKey,
  Organization,
  Contact,
  Lead,
  Deal,
  Activity,
  Pipeline,
  Customer,
  Product,
  Plan,
  Price,
  Subscription,
  Invoice,
  Payment,
  Project,
  Issue,
  Comment,
  Content,
  Asset,
  Site,
  Ticket,
  Event,
  Metric,
  Funnel,
  Goal,
  Campaign,
  Segment,
  Form,
  Experiment,
  FeatureFlag,
  Workflow,
  Integration,
  Agent,
  Message,
})

export type NounName = keyof typeof nouns

export const domains = Object.freeze({
  identity: ['User', 'ApiKey'],
  crm: ['Organization', 'Contact', 'Lead', 'Deal', 'Activity', 'Pipeline'],
  billing: ['Customer', 'Product', 'Plan', 'Price', 'Subscription', 'Invoice', 'Payment'],
  projects: ['Project', 'Issue', 'Comment'],
  content: ['Content', 'Asset', 'Site'],
  support: ['Ticket'],
  analytics: ['Event', 'Metric', 'Funnel', 'Goal'],
  marketing: ['Campaign', 'Segment', 'Form'],
  experiments: ['Experiment', 'FeatureFlag'],
  platform: ['Workflow', 'Integration', 'Agent'],
  communication: ['Message'],
} as const satisfies Readonly<Record<string, readonly NounName[]>>)

export type DomainName = keyof typeof domains
