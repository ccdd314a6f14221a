// What is published: pages and posts, their files, and the sites that they appear on.

import { Noun } from '../noun/noun.ts'
import { givenOrNow, literal } from './effect-values.ts'

export const Content = Noun(
  'Content',
  {
    title: 'string!',
    slug: 'string?##',
    excerpt: 'string?',
    body: 'string?',
    type: 'Page | Post | Article | Guide | LandingPage',
    status: 'Draft | Published | Scheduled | Archived',
    visibility: 'Public | Private | Members',
    categories: 'string?',
    tags: 'string?',
    // What the page's template is filled with.
    props: 'json?',
    seoTitle: 'string?',
    seoDescription: 'string?',
    ogImage: 'url?',
    canonicalUrl: 'url?',
    noIndex: 'boolean?',
    readingTime: 'number?',
    viewCount: 'number?',
    publishedAt: 'datetime?',
    scheduledAt: 'datetime?',
    organization: '-> Organization',
    site: '-> Site.content',
    author: '-> User | Contact | Agent',
    featuredImage: '-> Asset',
    metadata: 'json?',
    publish: 'Published',
    archive: 'Archived',
    schedule: 'Scheduled',
    unpublish: 'Unpublished',
  },
  {
    effects: {
      publish: {
        from: { field: 'status', values: ['Draft', 'Scheduled', 'Archived'], hard: false },
        sets: { publishedAt: givenOrNow('publishedAt') },
      },
      schedule: {
        from: { field: 'status', values: ['Draft'], hard: false },
        argumentAliases: { publishAt: 'scheduledAt' },
      },
      archive: { from: { field: 'status', values: ['Published'], hard: false } },
      unpublish: { from: { field: 'status', values: ['Published'], hard: false }, sets: { status: literal('Draft') } },
    },
  },
)

export const Asset = Noun('Asset', {
  name: 'string!',
  filename: 'string!',
  url: 'url!',
  mimeType: 'string!',
  size: 'number!',
  type: 'Image | Video | Document | Audio | Archive | Other',
  extension: 'string?',
  width: 'number?',
  height: 'number?',
  duration: 'number?',
  alt: 'string?',
  caption: 'string?',
  thumbnail: 'url?',
  tags: 'string?',
  source: 'string?',
  license: 'string?',
  uploadedBy: '-> User | Contact | Agent',
  content: '-> Content',
  metadata: 'json?',
  process: 'Processed',
})

export const Site = Noun('Site', {
  name: 'string!',
  subdomain: 'string?##',
  title: 'string?',
  description: 'string?',
  tagline: 'string?',
  status: 'Draft | Published | Maintenance',
  visibility: 'Public | Private | Password',
  // Paths within the site as often as URLs.
  logo: 'string?',
  favicon: 'string?',
  primaryColor: 'string?',
  accentColor: 'string?',
  ogImage: 'url?',
  defaultLanguage: 'string?',
  supportedLanguages: 'string?',
  timezone: 'string?',
  metadata: 'json?',
  content: '<- Content.site[]',
})
