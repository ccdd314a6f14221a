// Site: a website that content is published on.

import { Noun } from '../../noun/noun.ts'
import { ifEmpty, now } from '../../verb/effect-values.ts'
import { starts, updates } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Site = Noun(
  'Site',
  {
    name: 'string!',
    subdomain: 'string?##',
    title: 'string?',
    description: 'text?',
    tagline: 'text?',
    status: 'Draft | Published | Maintenance',
    visibility: 'Public | Private | Password',
    logo: 'string?',
    favicon: 'string?',
    primaryColor: 'string?',
    accentColor: 'string?',
    ogImage: 'url?',
    defaultLanguage: 'string?',
    supportedLanguages: 'string?',
    timezone: 'string?',
    publishedAt: 'datetime?',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    content: '<- Content.site[]',
  },
  {
    state: 'status',
    strict: true,
    transitions: [
      ...starts('Published', 'Maintenance'),
      ...updates(['Draft', 'Published', 'Maintenance'], ['Draft', 'Published']),
      ...updates(['Published'], ['Maintenance']),
    ],
    states: {
      Published: { sets: { publishedAt: ifEmpty(now) }, holds: ['publishedAt'] },
      Maintenance: { holds: ['publishedAt'] },
    },
  },
)

export const siteTexts: NounTexts = {
  about: 'A website that content is published on.',
  descriptions: {
    name: 'Name of the site for those who manage it.',
    subdomain: 'First label of the site address, unique among sites.',
    title: 'Title of the site as visitors see it.',
    description: 'Text about the site.',
    tagline: 'One line that is shown below the title.',
    status: 'State of the site: in preparation, published or under maintenance.',
    visibility: 'Audience that the site is meant for.',
    logo: 'Path or URL of the logo.',
    favicon: 'Path or URL of the icon that browsers show.',
    primaryColor: 'Main color as a CSS value, such as #1a73e8.',
    accentColor: 'Second color as a CSS value.',
    ogImage: 'URL of the picture that is shown when the site is shared (Open Graph).',
    defaultLanguage: 'Main language as a BCP 47 tag, such as en.',
    supportedLanguages: 'Languages of the site as BCP 47 tags separated by commas, such as en,de.',
    timezone: 'IANA time zone of the site, such as Europe/Berlin.',
    publishedAt: 'Time the site became Published.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    content: 'Pages and articles on the site.',
  },
}
