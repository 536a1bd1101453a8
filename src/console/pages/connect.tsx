/** Credentials, how each SDK is pointed here, and where this differs from the real service. */
import { useState } from 'preact/hooks'
import type { ApiConnect } from '../../client/index.ts'
import { type RulePointName, ruleOf, rulePoints } from '../../protocol/rule-profiles.ts'
import type { Text } from '../../protocol/text.ts'
import { linkTo } from '../address.ts'
import { command, folderExample } from '../commands.ts'
import { language, t } from '../language.ts'
import { useLoad } from '../load.ts'
import { Code, Copy } from '../parts/copy.tsx'
import { Marked } from '../parts/marked.tsx'
import { Shown } from '../parts/states.tsx'
import { asDotenv, asExports, asPowerShell, variablesOf } from '../sdk-set-up.ts'
import { client, environment, program } from '../session.ts'
import { connect as words } from '../texts/connect.ts'
import { requests } from '../texts/requests.ts'
import { shell } from '../texts/shell.ts'
import { containerCurl, doorTokenName, namesDoorToken, sdkCode, v2Code } from './code-examples.ts'

const forms = [
  ['shell', asExports],
  ['powershell', asPowerShell],
  ['dotenv', asDotenv],
] as const

/** What the commands need to speak for an environment with keys of its own. */
const commandKeys = ({ secretId }: ApiConnect) => ({
  CLOUDPAY_SECRET_ID: secretId,
  CLOUDPAY_SECRET_KEY: t(words.yourKey),
})

function Sdk({ connection }: { connection: ApiConnect }) {
  const [form, setForm] = useState(0)
  const write = forms[form]?.[1] ?? asExports
  return (
    <section class="card" aria-labelledby="sdk">
      <h2 id="sdk">{t(words.sdk)}</h2>
      <p>{t(words.sdkWhy)}</p>
      <fieldset class="choice tabs">
        <legend class="unseen">{t(words.sdkWhy)}</legend>
        {forms.map(([name], place) => (
          <label key={name}>
            <input type="radio" name="form" checked={form === place} onChange={() => setForm(place)} />
            <span>{t(words[name])}</span>
          </label>
        ))}
      </fieldset>
      <Code label={t(words.sdkWhy)} text={write(variablesOf(connection))} />
      {connection.demo ? null : (
        <>
          <p>{t(words.keysFirst)}</p>
          <Code
            label={t(words.keysFirst)}
            text={(write === asPowerShell ? asPowerShell : asExports)(commandKeys(connection))}
          />
        </>
      )}
      <p>{t(words.orOne)}</p>
      <Code label={t(words.orOne)} text={command('run', '-- node your-function.js')} />
      <p>{t(words.dev)}</p>
      <Code label={t(words.dev)} text={command('dev', folderExample)} />
      <p class="soft">
        <Marked text={t(program.value.startsWith('node ') ? words.anyFolder : words.ofProject)} />
      </p>
      <p>
        <Marked text={t(words.then)} />
      </p>
      <Code label={t(words.codeAsEver)} text={sdkCode(connection)} />
    </section>
  )
}

function Credentials({ connection }: { connection: ApiConnect }) {
  const { secretId, secretKey, mchId, subMchId, appid, subAppid, v2Key } = connection
  const rows: readonly (readonly [name: string, value: string | undefined, missing: Text])[] = [
    [t(words.envId), connection.envId, words.noneListed],
    ['SecretId', secretId, words.noneListed],
    ['SecretKey', secretKey, words.keyHidden],
    [t(words.mchId), mchId, words.noneListed],
    [t(words.subMchId), subMchId, words.noneListed],
    [t(words.appid), appid, words.noneListed],
    [t(words.subAppid), subAppid, words.noneListed],
    [t(words.v2Key), v2Key, words.keyHidden],
  ]
  return (
    <section class="card" aria-labelledby="credentials">
      <h2 id="credentials">{t(words.credentials)}</h2>
      {connection.demo ? <p class="soft">{t(words.publicKey)}</p> : null}
      <dl class="facts">
        {rows.map(([name, value, missing]) => (
          <div key={name}>
            <dt>{name}</dt>
            {value === undefined ? (
              <dd class="soft">{t(missing)}</dd>
            ) : (
              <dd class="row">
                <span class="number">{value}</span>
                <Copy text={value} label={name} />
              </dd>
            )}
          </div>
        ))}
      </dl>
    </section>
  )
}

function OtherWays({ connection }: { connection: ApiConnect }) {
  const { origin } = location
  const { appid, demo, mchId, subAppid, subMchId } = connection
  return (
    <>
      <section class="card" aria-labelledby="container">
        <h2 id="container">{t(words.container)}</h2>
        <p>{t(words.containerWhy)}</p>
        {namesDoorToken(connection) ? (
          <>
            <p>{t(words.doorTokenFirst)}</p>
            <Code
              label={t(words.doorTokenFirst)}
              text={asExports({ [doorTokenName]: t(words.yourDoorToken) })}
            />
          </>
        ) : null}
        <Code label={t(words.container)} text={containerCurl(connection)} />
      </section>
      <section class="card" aria-labelledby="v2">
        <h2 id="v2">{t(words.v2)}</h2>
        <p>{t(words.v2Why)}</p>
        <Code
          label={t(words.v2)}
          text={[
            '/pay/unifiedorder',
            '/pay/orderquery',
            '/pay/closeorder',
            '/secapi/pay/refund',
            '/pay/refundquery',
          ]
            .map((path) => `POST ${origin}${path}`)
            .join('\n')}
        />
        <p>
          <Marked text={t(words.v2Code)} />
        </p>
        {connection.v2Key === undefined ? (
          <>
            <p>{t(words.v2KeyFirst)}</p>
            <Code label={t(words.v2KeyFirst)} text={asExports({ V2_API_KEY: t(words.yourV2Key) })} />
          </>
        ) : null}
        <Code label={t(words.v2Code)} text={v2Code(connection)} />
        <p class="soft">{t(words.v2Whose, { mchId, appid })}</p>
        {demo && subMchId !== undefined && subAppid !== undefined ? (
          <p class="soft">{t(words.v2Direct, { mchId: subMchId, appid: subAppid })}</p>
        ) : null}
      </section>
    </>
  )
}

const pointNames = Object.keys(rulePoints) as RulePointName[]

function Parity() {
  const rules = environment.value?.rules ?? 'documented'
  return (
    <section class="card" aria-labelledby="parity">
      <h2 id="parity">{t(words.parity)}</h2>
      <p>{t(words.parityWhy, { rules: t(words[rules]) })}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <div class="scrolls" tabIndex={0}>
        <table class="list parity">
          <thead>
            <tr>
              <th scope="col">{t(words.point)}</th>
              {(['documented', 'observed'] as const).map((one) => (
                <th key={one} scope="col" aria-current={one === rules ? 'true' : undefined}>
                  {t(words[one])}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {pointNames.map((name) => {
              const { about, answers, source } = rulePoints[name]
              const differs = ruleOf(name, 'documented') !== ruleOf(name, 'observed')
              return (
                <tr key={name} class={differs ? 'differs' : ''}>
                  <th scope="row">
                    <Marked text={about[language.value]} />
                    <details>
                      <summary>{t(words.source)}</summary>
                      <p>
                        <Marked text={source[language.value]} />
                      </p>
                    </details>
                  </th>
                  {(['documented', 'observed'] as const).map((one) => (
                    <td key={one} class={one === rules ? 'ours' : ''}>
                      <span class="column" aria-hidden="true">
                        {t(words[one])}
                      </span>
                      <Marked text={answers[one].text[language.value]} />
                    </td>
                  ))}
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

export function ConnectPage() {
  const loaded = useLoad(() => client.value.connect(), [])
  return (
    <>
      <div class="page-head">
        <h1>{t(shell.connect)}</h1>
      </div>
      <p class="soft">{t(words.intro)}</p>
      <div class="connect">
        <Shown loaded={loaded}>
          {(connection) => (
            <>
              <Sdk connection={connection} />
              <section class="card" aria-labelledby="check">
                <h2 id="check">{t(words.check)}</h2>
                <p>{t(words.checkWhy)}</p>
                <p class="row">
                  <a href={linkTo('orders')}>{t(shell.orders)}</a>
                  <a href={linkTo('requests')}>{t(shell.requests)}</a>
                  <a href={linkTo('requests', [], { show: 'nobody' })}>{t(requests.nobodys)}</a>
                </p>
              </section>
              <Credentials connection={connection} />
              <OtherWays connection={connection} />
            </>
          )}
        </Shown>
        <Parity />
      </div>
    </>
  )
}
