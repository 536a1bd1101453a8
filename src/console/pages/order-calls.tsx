/** The calls that named an order, each with what was asked and answered. */
import type { ApiRequest } from '../../client/index.ts'
import { t } from '../language.ts'
import { CallDetails, CallHeads, CallSummary } from '../parts/logged-call.tsx'
import { order as words } from '../texts/order.ts'

export const OrderCalls = ({ calls, isFresh }: { calls: readonly ApiRequest[]; isFresh: boolean }) => (
  <section class="card" aria-labelledby="calls">
    <h2 id="calls">{t(words.calls)}</h2>
    {calls.length === 0 ? (
      <p class="soft">{t(isFresh ? words.noCallsYet : words.noCalls)}</p>
    ) : (
      <>
        <CallHeads />
        <ul class="calls">
          {calls.map((call) => (
            <li key={call.id}>
              <details>
                <summary>
                  <CallSummary call={call} />
                </summary>
                <CallDetails call={call} />
              </details>
            </li>
          ))}
        </ul>
      </>
    )}
  </section>
)
