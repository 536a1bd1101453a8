/**
 * The schema, as the list of its migrations. A released one is never edited: its hash is checked.
 * Form: `part` leads every key; no sequences, triggers, defaults of time, or foreign keys (docs/decisions.md).
 */
import type { Migration } from './db/migrate.ts'

export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: 'orders',
    note: 'Tenants, clocks and orders: one row an order, with its history and its two schedules.',
    sql: `
-- One row a part: anchors batch inserts to their part.
-- settled: how many there are was decided, by the first start.
create table parts (part int primary key, settled boolean not null);
insert into parts (part, settled) values (0, false);

create table environments (
  env_id text primary key,
  clock text not null,        -- 'real' or 'test', fixed here
  setting jsonb not null      -- all of its setting but secrets
);

-- Who signs as whom. kind 'tc3': SecretId of the official SDK; kind 'v2': mch_id, key of answers and payments.
create table credentials (
  kind text not null,
  public_id text not null,
  env_id text not null,
  key_id text not null,       -- how secret is stored, see secrets.ts
  secret bytea not null,
  primary key (kind, public_id, env_id)
);

create table merchants (
  env_id text not null,
  sub_mch_id text not null,
  sub_appid text,
  listed boolean not null,    -- by the operator; otherwise taken in with its first order
  primary key (env_id, sub_mch_id)
);

-- Test clocks. Running: shown + (real time - set_at). Standing: shown.
create table clocks (
  env_id text primary key,
  mode text not null check (mode in ('running', 'standing')),
  shown timestamptz not null,
  set_at timestamptz not null,
  seq int not null            -- a change names the one it saw: of two at once, one is tried again
);

create table orders (
  part int not null,
  env_id text not null,
  sub_mch_id text not null,
  out_trade_no text not null,
  state text not null check (state in ('NOTPAY', 'SUCCESS', 'CLOSED')),
  clock text not null,        -- 'real', or the env_id whose test clock its times are on
  seq int not null,
  command_id uuid not null,   -- of the last transition: a command that finds its own has won
  request jsonb,              -- the exact request that made it, wire names; null: merely remembered as closed
  total_fee bigint,
  prepay_id text,
  target_env_id text,         -- where its callback goes
  target_function text,
  created_at timestamptz not null,
  closable_from timestamptz,
  payable_until timestamptz,  -- end of its prepay, or of its own time
  expires_at timestamptz,     -- its own time: time_expire, or the system's seven days
  paid_at timestamptz,
  transaction_id text,
  payer_openid text,
  bank_type text,
  closed_at timestamptz,
  history jsonb not null,     -- short, capped
  notices jsonb not null,
  -- Lane of money: when the engine must look at it next, and who is looking.
  due_at timestamptz,
  lease_until timestamptz,
  claim uuid,
  -- Lane of telling.
  tell_at timestamptz,
  tell_lease_until timestamptz,
  tell_claim uuid,
  primary key (part, env_id, sub_mch_id, out_trade_no)
);
create unique index orders_prepay on orders (part, prepay_id) where prepay_id is not null;
create unique index orders_transaction on orders (part, env_id, sub_mch_id, transaction_id)
  where transaction_id is not null;
create index orders_due on orders (part, clock, due_at) where due_at is not null;
create index orders_tell on orders (part, clock, tell_at) where tell_at is not null;
`,
  },
  {
    id: 2,
    name: 'requests',
    note: 'The request log: calls and what came of them. Written best effort, pruned; nothing depends on it.',
    sql: `
create table requests (
  part int not null,
  env_id text not null,       -- '': nobody's, the caller was not known
  at timestamptz not null,    -- real time at which the call was over
  id text not null,           -- as in the answer's text and in the log
  door text not null,
  method text,
  sub_mch_id text,
  out_trade_no text,
  outcome text not null,
  why text,                   -- why the caller was refused
  fault text,                 -- what went wrong here
  status int not null,        -- of HTTP
  ms double precision not null,
  primary key (part, env_id, at, id)  -- serves listing newest first, and pruning
);
`,
  },
]
