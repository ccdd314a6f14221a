// Keeps an error of one page away from the frame around it.

import { Component, type ReactNode } from 'react'
import { isMissingChunk, reload } from './reload-once.ts'

interface ErrorBoundaryProps {
  readonly children: ReactNode
  readonly failed: (error: unknown, retry: () => void) => ReactNode
}

export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error }
  }

  override componentDidCatch(error: unknown): void {
    if (isMissingChunk(error)) void reload()
  }

  override render(): ReactNode {
    const { error } = this.state
    return error === undefined
      ? this.props.children
      : this.props.failed(error, () => this.setState({ error: undefined }))
  }
}
