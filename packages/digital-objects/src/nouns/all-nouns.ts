// The 35 built-in entities, and the 11 domains they belong to.

import { Event, Funnel, Goal, Metric } from './analytics.ts'
import { Customer, Invoice, Payment, Plan, Price, Product, Subscription } from './billing.ts'
import { Message } from './communication.ts'
import { Asset, Content, Site } from './content.ts'
import { Activity, Contact, Deal, Lead, Organization, Pipeline } from './crm.ts'
import { Experiment, FeatureFlag } from './experiments.ts'
import { ApiKey, User } from './identity.ts'
import { Campaign, Form, Segment } from './marketing.ts'
import { Agent, Integration, Workflow } from './platform.ts'
import { Comment, Issue, Project } from './projects.ts'
import { Ticket } from './support.ts'

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
