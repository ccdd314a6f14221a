export { Comment, Issue, Project, projects } from '@headlessly/sdk'
