/** What stands where no order does: how the first one comes. */
import { linkTo } from '../address.ts'
import { t } from '../language.ts'
import { useLoad } from '../load.ts'
import { Code } from '../parts/copy.tsx'
import { Empty } from '../parts/states.tsx'
import { asExports, variablesOf } from '../sdk-set-up.ts'
import { client } from '../session.ts'
import { connect } from '../texts/connect.ts'
import { orders as words } from '../texts/orders.ts'
import { DemoOrderButton } from './demo-order.tsx'

export function NoOrders() {
  const { value } = useLoad(() => client.value.connect(), [])
  return (
    <Empty title={t(words.emptyTitle)}>
      <p>{t(words.emptyWhy)}</p>
      {value === undefined ? null : <Code label={t(connect.sdk)} text={asExports(variablesOf(value))} />}
      <p>
        <a href={linkTo('connect')}>{t(words.otherWays)}</a>
      </p>
      <p class="row">
        {t(words.orTry)} <DemoOrderButton />
      </p>
    </Empty>
  )
}

export const NoMatch = ({ clear }: { clear: () => void }) => (
  <Empty title={t(words.noMatch)}>
    <p>{t(words.noMatchWhy)}</p>
    <button type="button" onClick={clear}>
      {t(words.clear)}
    </button>
  </Empty>
)
