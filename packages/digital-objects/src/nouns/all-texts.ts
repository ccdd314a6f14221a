// The descriptions of the built-in Nouns and of those of services by name, for programs that show them.

import { eventTexts } from './analytics/event.ts'
import { funnelTexts } from './analytics/funnel.ts'
import { goalTexts } from './analytics/goal.ts'
import { metricTexts } from './analytics/metric.ts'
import { customerTexts } from './billing/customer.ts'
import { invoiceTexts } from './billing/invoice-texts.ts'
import { paymentTexts } from './billing/payment.ts'
import { planTexts } from './billing/plan.ts'
import { priceTexts } from './billing/price.ts'
import { productTexts } from './billing/product.ts'
import { subscriptionTexts } from './billing/subscription-texts.ts'
import { couponTexts } from './payments/coupon.ts'
import { creditNoteTexts } from './payments/credit-note.ts'
import { lineItemTexts } from './payments/line-item.ts'
import { refundTexts } from './payments/refund.ts'
import { subscriptionItemTexts } from './payments/subscription-item.ts'
import { taxRateTexts } from './payments/tax-rate.ts'
import { messageTexts } from './communication/message.ts'
import { assetTexts } from './content/asset.ts'
import { contentTexts } from './content/content.ts'
import { siteTexts } from './content/site.ts'
import { activityTexts } from './crm/activity.ts'
import { contactTexts } from './crm/contact.ts'
import { dealTexts } from './crm/deal.ts'
import { leadTexts } from './crm/lead.ts'
import { organizationTexts } from './crm/organization.ts'
import { pipelineTexts } from './crm/pipeline.ts'
import { experimentTexts } from './experiments/experiment.ts'
import { featureFlagTexts } from './experiments/feature-flag.ts'
import { apiKeyTexts } from './identity/api-key.ts'
import { userTexts } from './identity/user.ts'
import { campaignTexts } from './marketing/campaign.ts'
import { formTexts } from './marketing/form.ts'
import { segmentTexts } from './marketing/segment.ts'
import { agentTexts } from './platform/agent.ts'
import { integrationTexts } from './platform/integration.ts'
import { workflowTexts } from './platform/workflow.ts'
import { commentTexts } from './projects/comment.ts'
import { issueTexts } from './projects/issue.ts'
import { projectTexts } from './projects/project.ts'
import { ticketTexts } from './support/ticket.ts'
import type { NounTexts } from '../noun/noun-texts.ts'

export const nounTexts: Readonly<Record<string, NounTexts>> = {
  User: userTexts,
  ApiKey: apiKeyTexts,
  Organization: organizationTexts,
  Contact: contactTexts,
  Lead: leadTexts,
  Deal: dealTexts,
  Activity: activityTexts,
  Pipeline: pipelineTexts,
  Customer: customerTexts,
  Product: productTexts,
  Plan: planTexts,
  Price: priceTexts,
  Subscription: subscriptionTexts,
  Invoice: invoiceTexts,
  Payment: paymentTexts,
  Project: projectTexts,
  Issue: issueTexts,
  Comment: commentTexts,
  Content: contentTexts,
  Asset: assetTexts,
  Site: siteTexts,
  Ticket: ticketTexts,
  Event: eventTexts,
  Metric: metricTexts,
  Funnel: funnelTexts,
  Goal: goalTexts,
  Campaign: campaignTexts,
  Segment: segmentTexts,
  Form: formTexts,
  Experiment: experimentTexts,
  FeatureFlag: featureFlagTexts,
  Workflow: workflowTexts,
  Integration: integrationTexts,
  Agent: agentTexts,
  Message: messageTexts,
  Refund: refundTexts,
  CreditNote: creditNoteTexts,
  LineItem: lineItemTexts,
  SubscriptionItem: subscriptionItemTexts,
  Coupon: couponTexts,
  TaxRate: taxRateTexts,
}
