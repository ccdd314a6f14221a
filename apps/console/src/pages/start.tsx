// The first page: open a tenant, or begin one, empty or with the sample company.

import { HeadlesslyError } from '@headlessly/sdk'
import { useMutation, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { go, Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { createTenant } from '../data/create-tenant.ts'
import { deleteUnfinished, forgetUnfinished, readUnfinished } from '../data/unfinished-sample.ts'
import { account, tenants } from '../data/workspace.ts'
import { Preferences } from '../shell/preferences-menu.tsx'
import { shortName } from '../base/short-name.ts'
import { Failed, Loading } from '../ui/states.tsx'

export function StartPage(): ReactNode {
  const { say } = useSettings()
  return (
    <main id="main" className="start">
      <header className="brand">
        <span className="brand-mark" aria-hidden="true" />
        headless.ly
        <Preferences />
      </header>
      <h1>{say('start.title')}</h1>
      <p className="lead">{say('start.lead')}</p>
      <div className="start-columns">
        <section className="card" aria-labelledby="open">
          <h2 id="open">{say('start.open')}</h2>
          <TenantList />
        </section>
        <section className="card" aria-labelledby="new">
          <h2 id="new">{say('start.new')}</h2>
          <NewTenantForm />
        </section>
      </div>
    </main>
  )
}

/** An operator sees all tenants of the server, another person those of the own account. */
async function readTenants(signal: AbortSignal): Promise<readonly string[]> {
  const person = await account.read({ signal })
  try {
    const { results } = await tenants.list({ limit: 100, signal })
    return results.filter(({ state }) => state === 'present').map(({ name }) => name)
  } catch (error) {
    if (person !== null && error instanceof HeadlesslyError && error.code === 'forbidden')
      return person.memberships.map(({ tenant }) => tenant)
    throw error
  }
}

function useTenants(): UseQueryResult<readonly string[]> {
  return useQuery({ queryKey: ['tenants'], queryFn: ({ signal }) => readTenants(signal) })
}

function TenantList(): ReactNode {
  const { say } = useSettings()
  const { data, error, refetch } = useTenants()
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading rows={3} />
  if (data.length === 0) return <p className="soft">{say('start.none')}</p>
  return (
    <ul className="tenants">
      {data.map((tenant) => (
        <li key={tenant}>
          <Link to={{ tenant, search: {} }}>
            <span className="tenant-mark" aria-hidden="true">
              {tenant.slice(0, 1).toUpperCase()}
            </span>
            {tenant}
          </Link>
        </li>
      ))}
    </ul>
  )
}

const currencies = ['EUR', 'USD', 'GBP', 'CHF', 'SEK', 'DKK', 'NOK', 'PLN', 'CAD', 'AUD', 'JPY']

interface Wanted {
  readonly tenant: string
  readonly currency: string
  readonly kind: 'empty' | 'sample'
  /** Whether the part of a sample that the tenant has is deleted first. */
  readonly isAgain?: boolean
}

function NewTenantForm(): ReactNode {
  const { say, errorText } = useSettings()
  const [progress, setProgress] = useState<readonly [done: number, total: number] | undefined>(undefined)
  const creation = useMutation({
    mutationFn: async ({ tenant, currency, kind, isAgain = false }: Wanted) => {
      if (isAgain) await deleteUnfinished(tenant)
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
      if (kind === 'empty') return createTenant({ tenant, currency, timeZone })
      const { createSample } = await import('../data/create-sample.ts')
      return createSample(tenant, (done, total) => setProgress([done, total]))
    },
    onSuccess: (_, { tenant }) => go({ tenant, search: {} }),
  })
  const { error: refusal } = useTenants()
  const unfinished = useQuery({ queryKey: ['unfinished'], queryFn: readUnfinished, gcTime: 0, staleTime: 0 })
  useWarningBeforeLeaving(creation.isPending)
  if (refusal instanceof HeadlesslyError && refusal.code === 'unauthorized')
    return <p className="soft">{say('start.signIn')}</p>
  const submit = (form: HTMLFormElement, kind: Wanted['kind']): void => {
    if (!form.reportValidity()) return
    const given = new FormData(form)
    creation.mutate({ tenant: String(given.get('tenant')), currency: String(given.get('currency')), kind })
  }
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault()
        submit(event.currentTarget, 'empty')
      }}
    >
      {unfinished.data === undefined || unfinished.data === null || creation.isPending ? null : (
        <UnfinishedSample
          tenant={unfinished.data}
          onAgain={(tenant) => creation.mutate({ tenant, currency: 'EUR', kind: 'sample', isAgain: true })}
          onKeep={() => {
            forgetUnfinished()
            void unfinished.refetch()
          }}
        />
      )}
      <NewTenantFields isBusy={creation.isPending} />
      {creation.error === null ? null : (
        <p className="fault" role="alert">
          {creation.error instanceof HeadlesslyError && creation.error.code === 'conflict'
            ? say('start.exists')
            : errorText(creation.error)}
        </p>
      )}
      {progress === undefined || !creation.isPending ? null : <Progress done={progress[0]} total={progress[1]} />}
      <div className="actions">
        <button type="submit" className="button" disabled={creation.isPending}>
          {say('start.create')}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={creation.isPending}
          onClick={({ currentTarget: { form } }) => form !== null && submit(form, 'sample')}
        >
          {say('start.sample')}
        </button>
      </div>
      <p className="soft small">{say('start.sampleHint')}</p>
      <details>
        <summary>{say('start.same')}</summary>
        <pre>npx headlessly demo harbour{'\n'}npx headlessly settings currency EUR --tenant acme</pre>
      </details>
    </form>
  )
}

interface UnfinishedSampleProps {
  readonly tenant: string
  readonly onAgain: (tenant: string) => void
  readonly onKeep: () => void
}

function UnfinishedSample({ tenant, onAgain, onKeep }: UnfinishedSampleProps): ReactNode {
  const { say } = useSettings()
  return (
    <div role="status">
      <p>{say('start.unfinished', { tenant })}</p>
      <div className="actions">
        <button type="button" className="button small" onClick={() => onAgain(tenant)}>
          {say('start.again', { tenant })}
        </button>
        <button type="button" className="button small quiet" onClick={onKeep}>
          {say('start.keep')}
        </button>
      </div>
    </div>
  )
}

function NewTenantFields({ isBusy }: { readonly isBusy: boolean }): ReactNode {
  const { say } = useSettings()
  const [name, hint, currency] = [useId(), useId(), useId()]
  return (
    <>
      <label htmlFor={name}>{say('start.name')}</label>
      <input
        id={name}
        name="tenant"
        required
        pattern="[a-z0-9][a-z0-9\-]{0,62}[a-z0-9]"
        placeholder="acme"
        autoCapitalize="none"
        spellCheck={false}
        aria-describedby={hint}
        disabled={isBusy}
        onInput={({ currentTarget: input }) => (input.value = shortName(input.value))}
      />
      <p className="soft small" id={hint}>
        {say('start.nameHint')}
      </p>
      <label htmlFor={currency}>{say('start.currency')}</label>
      <select id={currency} name="currency" defaultValue="EUR" disabled={isBusy}>
        {currencies.map((code) => (
          <option key={code}>{code}</option>
        ))}
      </select>
    </>
  )
}

function Progress({ done, total }: { readonly done: number; readonly total: number }): ReactNode {
  const { say } = useSettings()
  return (
    <div role="status">
      <progress value={done} max={total} aria-label={say('start.loading', { done, total })} />
      <p className="small">
        {say('start.loading', { done, total })} {say('start.keepOpen')}
      </p>
    </div>
  )
}

/** The sample company is written by this page. */
function useWarningBeforeLeaving(isBusy: boolean): void {
  useEffect(() => {
    if (!isBusy) return undefined
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
    globalThis.addEventListener('beforeunload', warn)
    return () => globalThis.removeEventListener('beforeunload', warn)
  }, [isBusy])
}
