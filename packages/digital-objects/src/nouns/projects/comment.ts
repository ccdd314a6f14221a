// Comment: a remark on an entity of any type.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow, literal } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Comment = Noun(
  'Comment',
  {
    body: 'text! personal',
    resolved: 'boolean = false',
    resolvedAt: 'datetime?',
    author: '-> User.authoredComments | Contact.authoredComments | Agent.authoredComments personal',
    issue: '-> Issue.comments',
    about: '-> *.comments personal',
    tags: 'string[]# personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    resolve: 'Resolved',
  },
  {
    bounds: ['acyclic about'],
    onDelete: { issue: 'cascade', about: 'cascade' },
    effects: { resolve: { sets: { resolved: literal(true), resolvedAt: givenOrNow('resolvedAt') } } },
  },
)

export const commentTexts: NounTexts = {
  about: 'A remark on an issue, or on any other entity.',
  descriptions: {
    body: 'Text of the comment.',
    resolved: 'True once the comment is dealt with; resolve sets it.',
    resolvedAt: 'Time the comment was dealt with; resolve sets it.',
    author: 'User, contact or agent who wrote the comment.',
    issue: 'Issue that the comment is about.',
    about: 'Entity that the comment is about, if it is not an issue; a comment on a comment is a reply.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    resolve: 'Sets resolved to true.',
  },
}
