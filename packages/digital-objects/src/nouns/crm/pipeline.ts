// Pipeline: a named sequence of sales stages that deals move through.

import { Noun } from '../../noun/noun.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Pipeline = Noun('Pipeline', {
  name: 'string!',
  slug: 'string?##',
  description: 'text?',
  isDefault: 'boolean?',
  dealRotting: 'number(0..36500)?',
  stages: 'json?',
  tags: 'string[]#',
  metadata: 'json?',
  comments: '<- Comment.about[]',
  files: '<- Asset.attachedTo[]',
  deals: '<- Deal.pipeline[]',
})

export const pipelineTexts: NounTexts = {
  about: 'A named sequence of sales stages that deals move through.',
  descriptions: {
    name: 'Title of the pipeline.',
    slug: 'Short name for URLs, unique among pipelines.',
    description: 'Text about the deals that the pipeline is meant for.',
    isDefault: 'True for the pipeline that new deals are meant for.',
    dealRotting: 'Days without activity after which a deal counts as stale.',
    stages: 'List of stages as JSON: [{ name, probability, order }], with probability from 0 to 100.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    deals: 'Deals in this pipeline.',
  },
}
