// Plan: one edition of a product, such as Free, Pro or Enterprise, with its own prices.

import { Noun } from '../../noun/noun.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Plan = Noun(
  'Plan',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'text?',
    status: 'Draft | Active | Grandfathered | Archived',
    trialDays: 'integer(0..730)?',
    features: 'text?',
    limits: 'string?',
    badge: 'string?',
    order: 'number?',
    isDefault: 'boolean?',
    isFree: 'boolean?',
    isEnterprise: 'boolean?',
    product: '-> Product.plans',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    prices: '<- Price.plan[]',
    subscriptions: '<- Subscription.plan[]',
  },
  {
    state: 'status',
    transitions: [
      { from: [], verb: 'create', to: 'Active' },
      { from: ['Draft', 'Grandfathered', 'Archived'], verb: 'update', to: 'Active' },
      { from: ['Active', 'Archived'], verb: 'update', to: 'Grandfathered' },
      { from: ['Draft', 'Active', 'Grandfathered'], verb: 'update', to: 'Archived' },
    ],
    onDelete: { product: 'restrict' },
  },
)

export const planTexts: NounTexts = {
  about: 'One edition of a product, such as Free, Pro or Enterprise, with its own prices.',
  descriptions: {
    name: 'Name of the plan as buyers see it.',
    slug: 'Short name for URLs, unique among plans.',
    description: 'Text about whom the plan is for.',
    status: 'State of the plan: in preparation, on sale, kept for old buyers only (Grandfathered) or archived.',
    trialDays: 'Length of the free trial in days.',
    features: 'Features that the plan includes, as text.',
    limits: 'Limits of use that come with the plan, as text.',
    badge: 'Short label shown with the plan, such as Most popular.',
    order: 'Position of the plan in lists, lowest first.',
    isDefault: 'True for the plan that is meant for buyers who choose no other.',
    isFree: 'True if the plan costs nothing.',
    isEnterprise: 'True if the plan is sold by negotiation rather than by a listed price.',
    product: 'Product that the plan is an edition of.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    prices: 'Prices at which the plan is sold.',
    subscriptions: 'Subscriptions to the plan.',
  },
}
