// The exports of GitHub.

import type { ImportSystem } from '../import-system.ts'

const githubStates = { status: { open: 'Open', closed: 'Closed' } }

export const github: ImportSystem = {
  name: 'github',
  about: 'Issues of GitHub, as `gh issue list --json` or the REST API lists them',
  exports: [
    {
      noun: 'Issue',
      headers: ['number', 'title', 'state', 'createdAt'],
      columns: {
        number: '$id',
        title: 'title',
        body: 'description',
        state: 'status',
        'labels.name': 'labels',
        'milestone.title': 'milestone',
        createdAt: '$at',
        closedAt: 'closedAt',
      },
      values: githubStates,
    },
    {
      noun: 'Issue',
      headers: ['number', 'title', 'state', 'created_at'],
      columns: {
        number: '$id',
        title: 'title',
        body: 'description',
        state: 'status',
        'labels.name': 'labels',
        'milestone.title': 'milestone',
        created_at: '$at',
        closed_at: 'closedAt',
      },
      values: githubStates,
    },
  ],
}
