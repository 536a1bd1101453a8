/** Starts the console. */
import { render } from 'preact'
import { config } from 'zod'
import { App } from './app.tsx'
import { followEnvironment } from './environment-in-address.ts'
import './style/tokens.css'
import './style/base.css'
import './style/shell.css'
import './style/pages.css'
import './style/phone.css'

// It would otherwise try whether it may write code of its own, and the content security policy would report it.
config({ jitless: true })

followEnvironment()

const root = document.getElementById('app')
if (root !== null) render(<App />, root)
