// Views of a list that this person has saved, to open, add and delete.

import { type ReactNode, useState } from 'react'
import { formatSearch } from '../base/search.ts'
import { go, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useDeleteView, useMaySave, useSaveView, useViews } from '../data/use-views.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'

export function SavedViews({ noun }: { readonly noun: string }): ReactNode {
  const { say } = useSettings()
  const place = usePlace()
  const { at } = useScene()
  const { data: views = [] } = useViews(noun)
  const [isSaving, setIsSaving] = useState(false)
  const maySave = useMaySave() && at === undefined
  const current = views.find(({ search }) => formatSearch(search) === formatSearch({ ...place.search, at: '' }))
  return (
    <span className="saved-views">
      {views.length === 0 ? null : (
        <select
          className="small"
          aria-label={say('views.label')}
          value={current?.id ?? ''}
          onChange={({ target }) => {
            const view = views.find(({ id }) => id === target.value)
            go({ ...place, search: { ...view?.search } })
          }}
        >
          <option value="">{say('views.label')}</option>
          {views.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      {maySave && current === undefined && formatSearch(place.search) !== '' ? (
        <button type="button" className="button small quiet" onClick={() => setIsSaving(true)}>
          {say('views.save')}
        </button>
      ) : null}
      {current === undefined || !maySave ? null : <DeleteView id={current.id} name={current.name} />}
      {isSaving ? (
        <SaveDialog noun={noun} search={formatSearch(place.search)} onClose={() => setIsSaving(false)} />
      ) : null}
    </span>
  )
}

function DeleteView({ id, name }: { readonly id: string; readonly name: string }): ReactNode {
  const { say } = useSettings()
  const deletion = useDeleteView()
  return (
    <button
      type="button"
      className="button icon-only small quiet"
      aria-label={say('views.delete', { name })}
      onClick={() => deletion.mutate(id)}
    >
      <Icon name="close" />
    </button>
  )
}

interface SaveDialogProps {
  readonly noun: string
  readonly search: string
  readonly onClose: () => void
}

function SaveDialog({ noun, search, onClose }: SaveDialogProps): ReactNode {
  const { say, errorText } = useSettings()
  const saving = useSaveView()
  return (
    <Dialog title={say('views.save')} onClose={onClose}>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault()
          const name = String(new FormData(event.currentTarget).get('name'))
          saving.mutate({ name, noun, search }, { onSuccess: onClose })
        }}
      >
        <label>
          {say('views.name')}
          <input name="name" required maxLength={80} autoFocus />
        </label>
        {saving.error === null ? null : <p className="fault">{errorText(saving.error)}</p>}
        <div className="actions">
          <button type="submit" className="button primary" disabled={saving.isPending}>
            {say('app.save')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
