/** Where the server wants its administrator's token. */
import { useState } from 'preact/hooks'
import { t } from '../language.ts'
import { giveToken, signIn } from '../session.ts'
import { shell } from '../texts/shell.ts'
import { Settings } from './settings.tsx'

export function SignIn() {
  const [given, setGiven] = useState('')
  const isWrong = signIn.value === 'wrong'
  return (
    <main id="main" class="sign-in">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault()
          if (given !== '') giveToken(given)
        }}
      >
        <p class="brand">OpenCloudPay</p>
        <h1>{t(shell.signInTitle)}</h1>
        <p class="soft">{t(shell.signInWhy)}</p>
        <label>
          {t(shell.token)}
          <input
            type="password"
            autocomplete="current-password"
            required
            value={given}
            aria-invalid={isWrong}
            aria-describedby={isWrong ? 'token-wrong' : undefined}
            onInput={(event) => setGiven(event.currentTarget.value)}
          />
        </label>
        {isWrong ? (
          <p id="token-wrong" class="outcome bad" role="alert">
            {t(shell.wrongToken)}
          </p>
        ) : null}
        <button type="submit" class="main">
          {t(shell.signIn)}
        </button>
      </form>
      <Settings />
    </main>
  )
}
