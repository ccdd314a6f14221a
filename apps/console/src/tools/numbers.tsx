// The numbers of the business, each with the way to the records that it comes from: figures, revenue, pipeline, product, support,
// marketing, and charts of one's own. All of them are as of the moment that the page shows.

import type { ReactNode } from 'react'
import { usePlace } from '../base/navigation.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { Tabs } from '../ui/tabs.tsx'
import { CampaignNumbers } from './campaign-numbers.tsx'
import { MetricChart } from './metric-chart.tsx'
import { OwnChart } from './own-chart.tsx'
import { PipelineNumbers } from './pipeline-numbers.tsx'
import { ProductNumbers } from './product-numbers.tsx'
import { RevenueNumbers } from './revenue-numbers.tsx'
import { SupportNumbers } from './support-numbers.tsx'

export function NumbersPage(): ReactNode {
  const say = useToolTexts()
  const { id } = usePlace()
  return (
    <div className="tool-page">
      <header className="page-head">
        <h1>{say('numbers.title')}</h1>
      </header>
      <Tabs
        tool="numbers"
        label={say('numbers.title')}
        tabs={[
          { name: undefined, label: say('numbers.revenue') },
          { name: 'pipeline', label: say('numbers.pipeline') },
          { name: 'product', label: say('numbers.product') },
          { name: 'support', label: say('numbers.support') },
          { name: 'marketing', label: say('numbers.marketing') },
          { name: 'chart', label: say('numbers.chart') },
        ]}
      />
      <Part name={id} />
    </div>
  )
}

function Part({ name }: { readonly name: string | undefined }): ReactNode {
  switch (name) {
    case 'pipeline':
      return <PipelineNumbers />
    case 'product':
      return <ProductNumbers />
    case 'support':
      return <SupportNumbers />
    case 'marketing':
      return <CampaignNumbers />
    case 'chart':
      return (
        <div className="panels">
          <OwnChart />
          <MetricChart />
        </div>
      )
    default:
      return <RevenueNumbers />
  }
}
