// The page's script. What a shop or a stranger wrote (orders, references, flags) reaches the page as text, by textContent alone.
'use strict';

const $ = (id) => document.getElementById(id);
const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });

const TITLES = {
  all: 'All payments',
  open: 'Open payments: they may yet be paid',
  paid: 'Paid payments',
  flagged: 'Flagged payments: something was not believed',
  owed: 'Payments that the shop has yet to be told of',
};
// How often the page looks for something new, in milliseconds.
const EVERY = 5000;

let asked = { kind: 'all', text: '' };
let shown = { payments: [], next: null };
// The payment whose story is open, and that story as it was drawn.
let open = null;
let drawn = '';
// Counts requests for lists, so that an answer that comes late is not taken for the newest.
let turn = 0;

function tellTrouble(text) {
  if ($('trouble').textContent !== text) $('trouble').textContent = text;
  $('trouble').hidden = text === '';
}

class Refused extends Error {}

async function fetched(path, body) {
  const options = body && {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  const answer = await fetch(path, options);
  const said = await answer.json();
  if (!answer.ok) throw new Refused([said.error, said.hint].filter(Boolean).join(' '));
  return said;
}

function tellConnection(text) {
  if ($('connection').textContent !== text) $('connection').textContent = text;
}

// Runs what asks the server, and says what went wrong. What the page asks by itself takes no refusal away that the person may
// not have read yet.
async function trying(ask, isQuiet = false) {
  try {
    const said = await ask();
    if (!isQuiet) tellTrouble('');
    tellConnection('Live');
    return said;
  } catch (error) {
    if (error instanceof Refused) tellTrouble(error.message);
    else tellConnection('The command has ended. Start it again, and open the address that it prints.');
    return null;
  }
}

const time = (iso) => Object.assign(make('time', '', iso.slice(0, 19).replace('T', ' ')), { dateTime: iso });
const kindOf = ({ paid, final }) => (paid ? 'paid' : final ? '' : 'open');
const flagged = ({ flags }) => (flags.length ? ' · flagged' : '');

// Puts items with keys into a list in their order. An item that stays keeps its place, and with it the focus.
function arrange(list, items) {
  const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const wanted = new Set(items.map(([key]) => key));
  for (const [key, item] of known) if (!wanted.has(key)) item.remove();
  items.forEach(([key, made, build], place) => {
    let item = known.get(key);
    if (item?.dataset.made !== made) {
      const fresh = build();
      fresh.dataset.key = key;
      fresh.dataset.made = made;
      const hadFocus = item?.contains(document.activeElement);
      item?.replaceWith(fresh);
      item = fresh;
      if (hadFocus) item.querySelector('a')?.focus();
    }
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
  });
}

function linkTo(payment) {
  const link = make('a', '', payment.payment_id.slice(0, 8));
  link.href = `#${payment.payment_id}`;
  return link;
}

function row(payment) {
  const line = document.createElement('tr');
  const first = document.createElement('td');
  first.append(linkTo(payment));
  const stands = make('td', kindOf(payment), payment.standing.replaceAll('_', ' '));
  if (payment.flags.length) stands.append(make('span', 'flag', flagged(payment)));
  const reserved = document.createElement('td');
  reserved.append(time(payment.reserved_at));
  line.append(
    first,
    stands,
    make('td', '', payment.amount.toLocaleString('en')),
    make('td', '', payment.phone ?? '(deleted)'),
    make('td', '', payment.order ?? '–'),
    make('td', '', payment.receipt ?? '–'),
    reserved,
  );
  return line;
}

function drawList() {
  const { payments, next } = shown;
  arrange(
    $('rows'),
    payments.map((payment) => [payment.payment_id, JSON.stringify(payment), () => row(payment)]),
  );
  const title = asked.text ? `${TITLES[asked.kind].split(':')[0]} with “${asked.text}”` : TITLES[asked.kind];
  if ($('list-title').textContent !== title) $('list-title').textContent = title;
  document.querySelector('.wide').hidden = payments.length === 0;
  $('none').hidden = payments.length > 0;
  $('none').textContent = next ? 'None among the payments that were looked at.' : 'There are none.';
  $('more').hidden = next === null;
  $('more').textContent = payments.length ? 'Show more' : 'Look further';
  for (const button of document.querySelectorAll('[data-kind]'))
    button.setAttribute('aria-pressed', String(button.dataset.kind === asked.kind));
}

const listPath = (after) => {
  const query = new URLSearchParams({ kind: asked.kind, text: asked.text });
  if (after) query.set('after', after);
  return `list?${query}`;
};

async function list(isQuiet) {
  const mine = ++turn;
  const said = await trying(() => fetched(listPath()), isQuiet);
  if (!said || mine !== turn) return;
  shown = said;
  drawList();
}

async function more() {
  const mine = ++turn;
  const said = await trying(() => fetched(listPath(shown.next)));
  if (!said || mine !== turn) return;
  const known = new Set(shown.payments.map((payment) => payment.payment_id));
  shown = {
    payments: [...shown.payments, ...said.payments.filter((payment) => !known.has(payment.payment_id))],
    next: said.next,
    isLong: true,
  };
  drawList();
}

async function sum() {
  const said = await trying(() => fetched('summary'), true);
  if (!said) return;
  const kept = `${said.payments.toLocaleString('en')} payments, ${said.open.toLocaleString('en')} open`;
  $('whose').textContent = `Shop ${said.shop}, ${said.environment}: ${kept}`;
  $('place').textContent = `Ledger: ${said.place}`;
  $('warnings').replaceChildren(...said.warnings.map((text) => make('p', '', text)));
  $('mode').textContent = said.may_change
    ? said.may_ask
      ? 'Changes are allowed.'
      : 'Changes are allowed. There are no credentials to ask the gateway with.'
    : 'This page only reads. Start it with --allow-changes to ask, settle and give up orders.';
}

function facts(story) {
  const told = story.owed ? 'not yet' : story.final ? 'yes' : 'nothing to tell yet';
  return [
    ['How it stands', story.standing.replaceAll('_', ' ') + flagged(story)],
    ['Amount', `KES ${story.amount.toLocaleString('en')}`],
    ['Paid', story.paid_amount === null ? null : `KES ${story.paid_amount}`],
    ['Receipt', story.receipt],
    ['Phone', story.phone ?? '(deleted)'],
    ['Order', story.order && `${story.order}${story.holds_order ? '' : ' (not held by this payment)'}`],
    ['Reference', story.reference],
    ['Gateway', story.gateway],
    ['Account', story.account],
    ['CheckoutRequestID', story.checkout_request_id],
    ['Result code', story.result_code],
    ['The shop was told', told],
    ['Payment', story.payment_id],
  ].filter(([, value]) => value !== null && value !== undefined && value !== '');
}

function fill(list, pairs) {
  $(list).replaceChildren(...pairs.flatMap(([name, value]) => [make('dt', '', name), make('dd', '', String(value))]));
}

function drawStory(story) {
  const text = JSON.stringify(story);
  if (text === drawn) return;
  drawn = text;
  $('story-title').textContent = `Payment ${story.payment_id.slice(0, 8)}${story.order ? ` of order ${story.order}` : ''}`;
  $('meaning').textContent = `${story.meaning} ${story.advice}`;
  fill('facts', facts(story));
  $('events').replaceChildren(
    ...story.events.map(({ at, what }) => {
      const item = make('li', '', '');
      item.append(time(at), ` ${what}`);
      return item;
    }),
  );
  $('sentences').replaceChildren(...story.sentences.map((sentence) => make('li', '', sentence)));
  fill(
    'flags',
    story.flags.map(({ reason, meaning, advice }) => [reason, [meaning, advice].filter(Boolean).join(' ')]),
  );
  $('flags-part').hidden = story.flags.length === 0;
  $('others').replaceChildren(
    ...story.others.map((other) => {
      const item = make('li', '', '');
      item.append(linkTo(other), ` ${other.standing.replaceAll('_', ' ')}, ${other.reserved_at}`);
      return item;
    }),
  );
  $('others-part').hidden = story.others.length === 0;
  for (const change of ['ask', 'resolve', 'release']) $(change).hidden = !story.can[change];
}

async function tell(id, isQuiet) {
  const story = await trying(() => fetched(`payment?id=${encodeURIComponent(id)}`), isQuiet);
  if (story && open === id) drawStory(story);
  return story;
}

async function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  const before = open;
  open = id || null;
  if (!open) {
    $('story').hidden = true;
    $('list').hidden = false;
    document.title = 'Payments · Lipia';
    await list();
    if (before) document.querySelector(`#rows a[href="#${CSS.escape(before)}"]`)?.focus();
    return;
  }
  drawn = '';
  for (const form of document.forms) if (form.id !== 'find') reset(form);
  const story = await tell(id);
  if (open !== id) return;
  if (!story) {
    // What is wrong is told above the list.
    open = null;
    $('story').hidden = true;
    $('list').hidden = false;
    await list(true);
    return;
  }
  drawStory(story);
  $('list').hidden = true;
  $('story').hidden = false;
  document.title = `Payment ${story.payment_id.slice(0, 8)} · Lipia`;
  $('story-title').focus();
}

function reset(form) {
  form.reset();
  $('receipt').disabled = true;
}

async function change(form, path, body) {
  const id = open;
  const button = form.querySelector('button');
  button.disabled = true;
  const story = await trying(() => fetched(path, { payment_id: id, ...body }));
  button.disabled = false;
  if (!story) return;
  reset(form);
  if (open === id) {
    drawStory(story);
    $('story-title').focus();
  }
  await sum();
}

$('find').addEventListener('submit', (event) => {
  event.preventDefault();
  asked = { kind: 'all', text: $('text').value.trim() };
  list();
});
for (const button of document.querySelectorAll('[data-kind]'))
  button.addEventListener('click', () => {
    asked = { ...asked, kind: button.dataset.kind };
    list();
  });
$('more').addEventListener('click', more);
for (const radio of [$('paid'), $('not-paid')])
  radio.addEventListener('change', () => {
    $('receipt').disabled = !$('paid').checked;
    if ($('paid').checked) $('receipt').focus();
  });
$('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  change(event.target, 'ask', {});
});
$('resolve').addEventListener('submit', (event) => {
  event.preventDefault();
  change(event.target, 'resolve', { receipt: $('paid').checked ? $('receipt').value : null });
});
$('release').addEventListener('submit', (event) => {
  event.preventDefault();
  change(event.target, 'release', {});
});
addEventListener('hashchange', follow);
setInterval(() => {
  if (document.hidden) return;
  // A person who reads on further pages is not taken back to the first.
  if (open && !$('story').hidden) tell(open, true);
  else if (!open && !shown.isLong) list(true);
}, EVERY);

sum();
follow();
