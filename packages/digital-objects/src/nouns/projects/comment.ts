// Comment: a remark on an issue.

import { Noun } from '../../noun/noun.ts'
import { literal } from '../../verb/effect-values.ts'
import { metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Comment = Noun(
  'Comment',
  {
    body: 'string!',
    resolved: 'boolean = false',
    author: '-> User.authoredComments | Contact.authoredComments | Agent.authoredComments',
    issue: '-> Issue.comments',
    metadata: 'json?',
    resolve: 'Resolved',
  },
  { onDelete: { issue: 'cascade' }, effects: { resolve: { sets: { resolved: literal(true) } } } },
)

export const commentTexts: NounTexts = {
  about: 'A remark on an issue.',
  descriptions: {
    body: 'Text of the comment.',
    resolved: 'True once the comment is dealt with; resolve sets it.',
    author: 'User, contact or agent who wrote the comment.',
    issue: 'Issue that the comment is about.',
    metadata: metadataText,
    resolve: 'Sets resolved to true.',
  },
}
