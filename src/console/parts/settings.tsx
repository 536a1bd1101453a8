/** How a person wants to see this: language, light or dark. */
import { chooseLanguage, language, t } from '../language.ts'
import { forgetToken, token, version } from '../session.ts'
import { shell } from '../texts/shell.ts'
import { chooseTheme, theme, themes } from '../theme.ts'

export const Settings = () => (
  <div class="settings">
    <fieldset class="choice">
      <legend>{t(shell.language)}</legend>
      {(['zh', 'en'] as const).map((one) => (
        <label key={one} lang={one === 'zh' ? 'zh-CN' : 'en'}>
          <input
            type="radio"
            name="language"
            checked={language.value === one}
            onChange={() => chooseLanguage(one)}
          />
          <span>{one === 'zh' ? '中文' : 'English'}</span>
        </label>
      ))}
    </fieldset>
    <fieldset class="choice">
      <legend>{t(shell.theme)}</legend>
      {themes.map((one) => (
        <label key={one}>
          <input type="radio" name="theme" checked={theme.value === one} onChange={() => chooseTheme(one)} />
          <span>{t(shell[one])}</span>
        </label>
      ))}
    </fieldset>
    {token.value === undefined ? null : (
      <button type="button" onClick={forgetToken}>
        {t(shell.signOut)}
      </button>
    )}
    {version.value === '' ? null : <p class="soft">OpenCloudPay {version.value}</p>}
  </div>
)
