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
  {
    id: 3,
    name: 'notices and refunds',
    note: 'Refunds, what is to be told of orders and refunds, who hosts callback targets, the log of deliveries, faults.',
    sql: `
alter table orders drop constraint orders_state_check;
alter table orders add constraint orders_state_check check (state in ('NOTPAY', 'SUCCESS', 'REFUND', 'CLOSED'));
alter table orders
  add column made_as jsonb,                             -- as whom: who signs its notices, and how; null: made before
  add column refundable_until timestamptz,              -- from its payment; a year
  add column refunded_fee bigint not null default 0,    -- reserved: all refunds but those that were closed
  add column refund_count int not null default 0,       -- accepted, closed ones too
  add column tell_target text,                          -- who is told: groups notices, so that one target never delays another
  add column faults jsonb,                              -- asked for with the order, of its notices
  add column told text,                                 -- what became of its notices, the one that needs most attention
  add column noticed_at timestamptz;                    -- when the newest notice fell due
update orders set tell_target = case
  when target_function is not null then 'function:' || target_env_id || '/' || target_function
  when request -> 'container' is not null then 'container:' || target_env_id || '/' || (request -> 'container' ->> 'service')
  else 'url:' || lower(substring(request ->> 'notify_url' from '^https?://[^/?#]+')) end
where request is not null;
drop index orders_tell;
create index orders_tell on orders (part, clock, tell_target, tell_at) where tell_at is not null;
create index orders_noticed on orders (part, env_id, noticed_at) where noticed_at is not null;
create index orders_untold on orders (part, env_id, noticed_at) where told is not null and told <> 'delivered';

create table refunds (
  part int not null,
  env_id text not null,
  sub_mch_id text not null,
  out_refund_no text not null,
  out_trade_no text not null,
  transaction_id text not null,
  refund_id text not null,
  place int not null,         -- which refund of its order, from 1
  state text not null constraint refunds_state_check check (state in ('PROCESSING', 'SUCCESS', 'CHANGE', 'REFUNDCLOSE')),
  clock text not null,
  seq int not null,
  command_id uuid not null,
  request jsonb not null,     -- the exact request that made it, wire names
  made_as jsonb not null,
  sub_appid text,             -- of the order, for what is told of its refund
  payer_openid text not null,
  total_fee bigint not null,
  refund_fee bigint not null,
  created_at timestamptz not null,
  succeeded_at timestamptz,
  history jsonb not null,
  faults jsonb,
  notices jsonb not null,
  told text,
  noticed_at timestamptz,
  tell_target text,           -- null: nobody asked to be told
  due_at timestamptz,
  lease_until timestamptz,
  claim uuid,
  tell_at timestamptz,
  tell_lease_until timestamptz,
  tell_claim uuid,
  primary key (part, env_id, sub_mch_id, out_refund_no)
);
create unique index refunds_id on refunds (part, env_id, sub_mch_id, refund_id);
create unique index refunds_of_order on refunds (part, env_id, sub_mch_id, out_trade_no, place);
create index refunds_due on refunds (part, clock, due_at) where due_at is not null;
create index refunds_tell on refunds (part, clock, tell_target, tell_at) where tell_at is not null;
create index refunds_noticed on refunds (part, env_id, noticed_at) where noticed_at is not null;
create index refunds_untold on refunds (part, env_id, noticed_at) where told is not null and told <> 'delivered';

-- What a merchant can refund from, where somebody set it; no row: without limit.
create table balances (
  part int not null,
  env_id text not null,
  sub_mch_id text not null,
  balance bigint not null constraint balances_balance_check check (balance >= 0),
  primary key (part, env_id, sub_mch_id)
);

-- Log of attempts to tell: best effort, pruned; nothing depends on it.
create table deliveries (
  part int not null,
  env_id text not null,
  logged_at timestamptz not null, -- real time
  id text not null,
  sub_mch_id text not null,
  subject text not null,          -- 'order' or 'refund'
  number text not null,           -- its out_trade_no or out_refund_no
  at timestamptz not null,        -- on the clock of the environment
  kind text not null,
  attempt int not null,
  target text not null,
  outcome text not null,
  why jsonb,
  status int,
  ms double precision not null,
  answer text,
  sent text not null,
  primary key (part, env_id, logged_at, id)
);
create index deliveries_of on deliveries (part, env_id, sub_mch_id, subject, number, logged_at);

-- Hosts of functions and containers that say that they are there; real time.
create table hosts (
  env_id text not null,
  host_id text not null,
  kind text not null,
  url text not null,
  key_id text,
  secret bytea,
  target_env_id text,
  names text[] not null,
  since timestamptz not null,
  holds_until timestamptz not null,
  primary key (env_id, host_id)
);

-- The sandbox's customers, beside the one that every environment has.
create table payers (
  env_id text not null,
  openid text not null,
  name text not null,
  created_at timestamptz not null,
  primary key (env_id, openid)
);

-- Faults that were asked for until switched off.
create table faults (
  env_id text not null,
  fault_id text not null,
  rule jsonb not null,
  times_left int,             -- null: without end
  created_at timestamptz not null,
  primary key (env_id, fault_id)
);

alter table clocks add column target timestamptz; -- an advance is on its way there, step by step
`,
  },
  {
    id: 4,
    name: 'closing',
    note: 'Orders that nobody paid are closed when they are due; by merchant, so that none waits behind another.',
    sql: `
alter table orders add column close_why text; -- what makes it due: 'time_expire', 'close_after', 'seven_days' or 'replaced'
-- Orders of before were due at the end of their own time, whatever the rule of five minutes says.
update orders set due_at = greatest(due_at, closable_from),
  close_why = case when request -> 'time_expire' is null then 'seven_days' else 'time_expire' end
where state = 'NOTPAY';
create index orders_due_of on orders (part, clock, env_id, sub_mch_id, due_at) where due_at is not null;
`,
  },
  {
    id: 5,
    name: 'purchases',
    note: 'Several attempts to pay one purchase, one after the other: at most one of them can be paid.',
    sql: `
alter table orders drop constraint orders_state_check;
alter table orders add constraint orders_state_check
  check (state in ('NOTPAY', 'CLOSING', 'SUCCESS', 'REFUND', 'CLOSED'));
alter table orders
  add column purchase text,     -- of which it is an attempt, by the number of the first; null: it stands alone
  add column replaced_by text;  -- the attempt that took its place; set once

-- Locked before its orders, by whoever changes which attempt is live.
create table purchases (
  part int not null,
  env_id text not null,
  sub_mch_id text not null,
  purchase text not null,       -- number of the first attempt
  live text not null,           -- number of the last: no other can be paid
  attempts int not null,
  primary key (part, env_id, sub_mch_id, purchase)
);
`,
  },
  {
    id: 6,
    name: 'asking',
    note: 'Channels that have to be asked: what is not known yet of an order or a refund, and payments that came too late.',
    sql: `
alter table orders drop constraint orders_state_check;
alter table orders add constraint orders_state_check
  check (state in ('WAITING', 'CREATING', 'NOTPAY', 'CLOSING', 'SUCCESS', 'REFUND', 'CLOSED'));
alter table orders
  add column asking jsonb,      -- what is to be asked of the channel, and what it said; null: it need not be asked
  add column late jsonb;        -- a payment that nothing could prevent, and what becomes of it
alter table refunds add column asking jsonb;
create index orders_purchase on orders (part, env_id, sub_mch_id, purchase) where purchase is not null;
-- Whatever else goes wrong: of the attempts of one purchase at most one is paid.
create unique index orders_paid_once on orders (part, env_id, sub_mch_id, purchase)
  where purchase is not null and state in ('SUCCESS', 'REFUND');
create index orders_late on orders (part, clock, due_at) where late is not null and due_at is not null;
create index orders_late_open on orders (part, env_id)
  where late is not null and late -> 'returnedAt' is null and late ->> 'decision' is distinct from 'adopt';
create index orders_unresolved on orders (part, env_id)
  where asking is not null and state in ('WAITING', 'CREATING', 'CLOSING');
`,
  },
  {
    id: 7,
    name: 'listing',
    note: 'Orders are listed newest first, and those that nobody paid or closed without reading the others.',
    sql: `
-- By bytes: the same order in every part, whatever the collation of the database.
create index orders_made on orders (part, env_id, created_at, sub_mch_id collate "C", out_trade_no collate "C");
create index orders_open on orders (part, env_id, created_at, sub_mch_id collate "C", out_trade_no collate "C")
  where paid_at is null and closed_at is null;
`,
  },
  {
    id: 8,
    name: 'looking',
    note: 'For people who look: orders by their payer, calls with what was asked and answered, counts over time, what people changed.',
    sql: `
-- Who pays, or is to pay: by openid, newest first.
create index orders_payer on orders
    (part, env_id, coalesce(payer_openid, request ->> 'sub_openid', request ->> 'openid') collate "C", created_at)
  where coalesce(payer_openid, request ->> 'sub_openid', request ->> 'openid') is not null;

create index orders_late_transaction on orders (part, env_id, sub_mch_id, (late ->> 'transactionId'))
  where late ->> 'transactionId' is not null;

alter table requests
  add column body text,       -- the beginning of what was asked, and of the answer; signatures masked
  add column answer text,
  add column signed jsonb;    -- of a signature that does not hold: what differs
create index requests_of on requests (part, env_id, out_trade_no, at) where out_trade_no is not null;

-- What happened, counted by the minute of real time. Best effort, pruned; nothing depends on it.
create table tallies (
  part int not null,
  env_id text not null,
  at timestamptz not null,    -- the minute's beginning
  name text not null,
  n bigint not null,
  total double precision not null,
  most double precision not null,
  primary key (part, env_id, at, name)
);

-- What people changed. Written with the answer, pruned; the orders' own history is in the orders.
create table audit (
  part int not null,
  env_id text not null,
  at timestamptz not null,    -- real time
  id text not null,           -- of the call
  who text not null,
  client text,
  action text not null,
  asked text not null,
  status int not null,
  outcome text not null,
  primary key (part, env_id, at, id)
);
`,
  },
]
