// Content: a page, post or article of a site.

import { Noun } from '../../noun/noun.ts'
import { first, given, givenOrNow, ifEmpty, now } from '../../verb/effect-values.ts'
import { starts } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Content = Noun(
  'Content',
  {
    title: 'string!',
    slug: 'string?##',
    excerpt: 'text?',
    body: 'text?',
    type: 'Page | Post | Article | Guide | LandingPage',
    status: 'Draft | Published | Scheduled | Archived',
    visibility: 'Public | Private | Members',
    categories: 'string?',
    tags: 'string?',
    props: 'json?',
    seoTitle: 'string?',
    seoDescription: 'text?',
    ogImage: 'url?',
    canonicalUrl: 'url?',
    noIndex: 'boolean?',
    readingTime: 'number?',
    viewCount: 'number?',
    publishedAt: 'datetime?',
    scheduledAt: 'datetime?',
    unpublishedAt: 'datetime?',
    archivedAt: 'datetime?',
    organization: '-> Organization.content',
    site: '-> Site.content',
    author: '-> User.authoredContent | Contact.authoredContent | Agent.authoredContent',
    featuredImage: '-> Asset.featuredIn',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    assets: '<- Asset.content[]',
    publish: 'Published',
    archive: 'Archived',
    schedule: 'Scheduled',
    unpublish: 'Unpublished',
  },
  {
    onDelete: { site: { restrictWhile: { field: 'status', values: ['Published'] }, otherwise: 'clear' } },
    state: 'status',
    transitions: [
      ...starts('Published', 'Scheduled', 'Archived'),
      { from: ['Draft', 'Scheduled', 'Archived'], verb: 'publish', to: 'Published' },
      { from: ['Draft', 'Scheduled', 'Archived'], verb: 'schedule', to: 'Scheduled' },
      { from: ['Draft', 'Scheduled', 'Published'], verb: 'archive', to: 'Archived' },
      { from: ['Published', 'Scheduled', 'Archived'], verb: 'unpublish', to: 'Draft' },
    ],
    states: {
      Draft: { sets: { unpublishedAt: givenOrNow('unpublishedAt') }, holds: ['unpublishedAt'] },
      // Publishing again after the archive keeps the time at which it first appeared.
      Published: { sets: { publishedAt: ifEmpty(now) }, holds: ['publishedAt'] },
      Archived: { sets: { archivedAt: givenOrNow('archivedAt') }, holds: ['publishedAt', 'archivedAt'] },
    },
    effects: {
      publish: {
        sets: {
          readingTime: first(given('readingTime'), { kind: 'minutesToRead', field: 'body' }),
        },
      },
      schedule: {
        argumentAliases: { publishAt: 'scheduledAt' },
        needs: ['scheduledAt'],
        needsFuture: ['scheduledAt'],
      },
    },
    schedules: [{ at: 'scheduledAt', when: { status: 'Scheduled' }, call: 'publish' }],
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
    readingTime: 'Time to read the content in minutes; publish counts the words of body.',
    viewCount: 'Number of times the content was viewed, as your application reports it.',
    publishedAt: 'Time the content was published; publish sets it.',
    scheduledAt: 'Time at which the server publishes the content, while status is Scheduled.',
    unpublishedAt: 'Time the content was taken back to Draft; unpublish sets it.',
    archivedAt: 'Time the content was archived; archive sets it.',
    organization: 'Organization that the content belongs to.',
    site: 'Site on which the content appears.',
    author: 'User, contact or agent who wrote the content.',
    featuredImage: 'Main picture of the content.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    assets: 'Files that belong to the content.',
    publish: 'Sets status to Published and publishedAt to now, or to the time you send.',
    archive: 'Sets status to Archived.',
    schedule: 'Sets status to Scheduled and scheduledAt, also called publishAt, to the future time you send.',
    unpublish: 'Sets status to Draft.',
  },
}
