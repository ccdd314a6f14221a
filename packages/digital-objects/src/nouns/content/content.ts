// Content: a page, post or article of a site.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow, literal } from '../../verb/effect-values.ts'
import { metadataText, type NounTexts } from '../../noun/noun-texts.ts'

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
    organization: '-> Organization.content',
    site: '-> Site.content',
    author: '-> User.authoredContent | Contact.authoredContent | Agent.authoredContent',
    featuredImage: '-> Asset.featuredIn',
    metadata: 'json?',
    assets: '<- Asset.content[]',
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

export const contentTexts: NounTexts = {
  about: 'A page, post or article of a site.',
  descriptions: {
    title: 'Title as readers see it.',
    slug: 'Short name for URLs, unique among all content.',
    excerpt: 'Short summary for lists and previews.',
    body: 'Full text of the content.',
    type: 'Kind of content.',
    status: 'State of the content; publish, archive, schedule and unpublish change it.',
    visibility: 'Audience that the content is meant for.',
    categories: 'Categories separated by commas.',
    tags: 'Keywords separated by commas.',
    props: 'Values for the page template, as JSON.',
    seoTitle: 'Title for search engines, if it differs from title.',
    seoDescription: 'Description for search engines.',
    ogImage: 'URL of the picture that is shown when the page is shared (Open Graph).',
    canonicalUrl: 'URL of the original, if the same text appears at several addresses.',
    noIndex: 'True if search engines should leave the page out.',
    readingTime: 'Time to read the content, in minutes.',
    viewCount: 'Number of times the content was viewed, as your application reports it.',
    publishedAt: 'Time the content was published; publish sets it.',
    scheduledAt: 'Time at which the content is to be published.',
    organization: 'Organization that the content belongs to.',
    site: 'Site on which the content appears.',
    author: 'User, contact or agent who wrote the content.',
    featuredImage: 'Main picture of the content.',
    metadata: metadataText,
    assets: 'Files that belong to the content.',
    publish: 'Sets status to Published and publishedAt to now, or to the time you send.',
    archive: 'Sets status to Archived.',
    schedule: 'Sets status to Scheduled and stores the scheduledAt you send, which you may also call publishAt.',
    unpublish: 'Sets status to Draft.',
  },
}
