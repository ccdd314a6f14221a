// Product: something that the business sells.

import { Noun } from '../../noun/noun.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Product = Noun(
  'Product',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'text?',
    tagline: 'string?',
    type: 'Software | Service | Addon | Bundle',
    status: 'Draft | Active | Archived',
    visibility: 'Public | Private | Hidden',
    icon: 'string?',
    image: 'url?',
    features: 'text?',
    highlights: 'string?',
    featured: 'boolean?',
    stripeProductId: 'string?##',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    plans: '<- Plan.product[]',
    deals: '<- Deal.product[]',
    prices: '<- Price.product[]',
  },
  {
    state: 'status',
    transitions: [
      { from: [], verb: 'create', to: 'Active' },
      { from: ['Draft'], verb: 'update', to: 'Active' },
      { from: ['Draft', 'Active'], verb: 'update', to: 'Archived' },
      { from: ['Archived'], verb: 'update', to: 'Active' },
    ],
  },
)

export const productTexts: NounTexts = {
  about: 'Something that the business sells.',
  descriptions: {
    name: 'Name of the product as buyers see it.',
    slug: 'Short name for URLs, unique among products.',
    description: 'Text about what the product is and does.',
    tagline: 'One line that sells the product.',
    type: 'Kind of product.',
    status: 'State of the product: in preparation, on sale or archived.',
    visibility: 'Audience that the product is meant for.',
    icon: 'Icon of the product as a name, an emoji or a path.',
    image: 'URL of a picture of the product.',
    features: 'Features of the product as text.',
    highlights: 'Main selling points as text.',
    featured: 'True if the product is to be shown first.',
    stripeProductId: 'Identifier of the product at Stripe, unique among products.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    plans: 'Plans that the product is sold in.',
    deals: 'Deals about the product.',
    prices: 'Prices that belong to the product directly.',
  },
}
