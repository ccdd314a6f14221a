// The entities of the domain `projects`, bound to the default client.

import { Comment as CommentNoun, Issue as IssueNoun, Project as ProjectNoun } from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import type { Namespace } from '../client/client.ts'

export const Project: EntityMethods<'Project'> = /* @__PURE__ */ defaultEntity(ProjectNoun)
export const Issue: EntityMethods<'Issue'> = /* @__PURE__ */ defaultEntity(IssueNoun)
export const Comment: EntityMethods<'Comment'> = /* @__PURE__ */ defaultEntity(CommentNoun)

export const projects: Namespace<'projects'> = { Project, Issue, Comment }
