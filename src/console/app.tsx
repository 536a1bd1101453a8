/** The frame around every page: who is signed in, where one is, and what is always visible. */
import { useEffect, useRef } from 'preact/hooks'
import { address, place } from './address.ts'
import { language, t } from './language.ts'
import { follow } from './live.ts'
import { CallbacksPage } from './pages/callbacks.tsx'
import { ConnectPage } from './pages/connect.tsx'
import { OrderPage } from './pages/order.tsx'
import { OrdersPage } from './pages/orders.tsx'
import { OverviewPage } from './pages/overview.tsx'
import { RequestsPage } from './pages/requests.tsx'
import { BottomBar, SideBar, TopBar } from './parts/bars.tsx'
import { SignIn } from './parts/sign-in.tsx'
import { Loading } from './parts/states.tsx'
import {
  client,
  envId,
  environments,
  isEnvironmentKnown,
  isTurnedAway,
  program,
  signIn,
  token,
  version,
} from './session.ts'
import { shell } from './texts/shell.ts'

function Page() {
  const { page, of } = address.value
  switch (page) {
    case 'orders': {
      const [subMchId, outTradeNo] = of
      if (subMchId === undefined || outTradeNo === undefined) return <OrdersPage />
      return <OrderPage key={place.value} subMchId={subMchId} outTradeNo={outTradeNo} />
    }
    case 'callbacks':
      return <CallbacksPage />
    case 'requests':
      return <RequestsPage />
    case 'overview':
      return <OverviewPage />
    case 'connect':
      return <ConnectPage />
  }
}

/** Which environments there are; the first of them, where the one that was chosen is gone. */
async function readEnvironments(): Promise<void> {
  try {
    const said = await client.value.environments()
    environments.value = said.environments
    version.value = said.version
    program.value = said.command
    const [first] = said.environments
    const isThere = said.environments.some((one) => one.envId === envId.value)
    if (!isThere && first !== undefined) envId.value = first.envId
    isEnvironmentKnown.value = true
  } catch (error) {
    // Without them the page speaks for the one that it knows; what it shows tells the rest.
    if (!isTurnedAway(error)) isEnvironmentKnown.value = true
  }
}

/** Whoever reads by ear hears where they are; the keyboard goes on from there. */
function useArrival(): { current: HTMLElement | null } {
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  useEffect(() => {
    if (first.current) first.current = false
    else {
      main.current?.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
  }, [place.value])
  useEffect(() => {
    const { page, of } = address.value
    document.title = `${of.at(-1) ?? t(shell[page])} · OpenCloudPay`
  }, [place.value, language.value])
  return main
}

export function App() {
  useEffect(() => {
    if (signIn.value === 'no') void readEnvironments()
  }, [token.value, signIn.value])
  useEffect(() => follow(), [])
  const main = useArrival()
  if (signIn.value !== 'no') return <SignIn />
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {t(shell.skip)}
      </button>
      <TopBar />
      <SideBar />
      <main id="main" ref={main} tabIndex={-1}>
        {isEnvironmentKnown.value ? <Page key={envId.value} /> : <Loading />}
      </main>
      <BottomBar />
    </>
  )
}
