/** The environment that is looked at stands in the address, where there are several: each follows the other. */
import { effect } from '@preact/signals'
import { type Address, address, filterBy } from './address.ts'
import { chooseEnvironment, envId, environments } from './session.ts'

export function followEnvironment(): void {
  let read: Address | undefined
  effect(() => {
    const { env } = address.value.filters
    const isNew = address.value !== read
    read = address.value
    if (env === envId.value) return
    if (isNew && env !== undefined) chooseEnvironment(env)
    else if (environments.value.length > 1) filterBy({ env: envId.value })
  })
}
