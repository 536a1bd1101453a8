/** What is visible on every page: where one is, the environment, its clock and its faults. */
import { useState } from 'preact/hooks'
import { address, linkTo, pages } from '../address.ts'
import { t } from '../language.ts'
import { faults, isLive } from '../live.ts'
import { chooseEnvironment, envId, environment, environments } from '../session.ts'
import { bar } from '../texts/sandbox-bar.ts'
import { shell } from '../texts/shell.ts'
import { ClockButton, ClockFace, ClockKeys, ClockMore } from './clock.tsx'
import { Dialog } from './dialog.tsx'
import { FaultSwitches } from './faults.tsx'
import { Icon } from './icons.tsx'
import { Settings } from './settings.tsx'

const Links = () => (
  <ul>
    {pages.map((page) => (
      <li key={page}>
        <a href={linkTo(page)} aria-current={address.value.page === page ? 'page' : undefined}>
          <Icon name={page} />
          <span>{t(shell[page])}</span>
        </a>
      </li>
    ))}
  </ul>
)

export const SideBar = () => (
  <nav class="side-bar" aria-label={t(shell.pages)}>
    <Links />
    <p class={`live ${isLive.value ? '' : 'not'}`}>{t(isLive.value ? shell.live : shell.notLive)}</p>
  </nav>
)

/** The same on a phone, within reach of a thumb. */
export const BottomBar = () => (
  <nav class="bottom-bar" aria-label={t(shell.pages)}>
    <Links />
  </nav>
)

const EnvironmentSwitch = () =>
  environments.value.length < 2 ? null : (
    <label class="environment">
      <span class="unseen">{t(shell.environment)}</span>
      <select value={envId.value} onChange={(event) => chooseEnvironment(event.currentTarget.value)}>
        {environments.value.map((one) => (
          <option key={one.envId} value={one.envId}>
            {one.envId}
          </option>
        ))}
      </select>
    </label>
  )

function FaultsButton() {
  const [open, setOpen] = useState(false)
  const on = faults.value?.on.length ?? 0
  return (
    <>
      <button type="button" class={`faults-button ${on > 0 ? 'on' : ''}`} onClick={() => setOpen(true)}>
        <Icon name="fault" />
        <span>{on > 0 ? t(bar.faultsOn, { n: on }) : t(bar.noFaults)}</span>
      </button>
      {open ? (
        <Dialog title={t(bar.faults)} onClose={() => setOpen(false)}>
          <FaultSwitches />
        </Dialog>
      ) : null}
    </>
  )
}

function SettingsButton() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        class="plain icon-only"
        aria-label={t(shell.settings)}
        onClick={() => setOpen(true)}
      >
        <Icon name="settings" />
      </button>
      {open ? (
        <Dialog title={t(shell.settings)} onClose={() => setOpen(false)}>
          <Settings />
        </Dialog>
      ) : null}
    </>
  )
}

export function TopBar() {
  const isSandbox = environment.value?.channel !== 'wechatpay'
  return (
    <header class="top-bar">
      <a class="brand" href={linkTo('orders')}>
        <img src={new URL('../icon.svg', import.meta.url).href} alt="" width="24" height="24" />
        <span>OpenCloudPay</span>
      </a>
      <EnvironmentSwitch />
      <section class="sandbox-bar" aria-label={t(bar.clock)}>
        <ClockFace />
        {isSandbox ? <ClockKeys /> : null}
        {isSandbox ? <ClockButton /> : null}
        {isSandbox ? <FaultsButton /> : null}
      </section>
      <SettingsButton />
      <ClockMore />
    </header>
  )
}
