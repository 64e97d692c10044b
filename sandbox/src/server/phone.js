// The page's script. All that a shop sends (reference, description, addresses) reaches the page as text, by textContent alone.
'use strict';

const $ = (id) => document.getElementById(id);
const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });

// The phone of the command that the sandbox prints.
let shown = '254712345678';
// The phones that were opened here, and whether the person holds them.
const opened = new Map([[shown, true]]);
let state = { payments: [], lines: [], faults: [] };
// The payment behind the open prompt, and when that closes by itself.
let prompted = null;
let closesAt = null;
// Payments that were decided here, so that their prompt does not come back before the sandbox tells.
const decided = new Set();

const local = (phone) => phone.replace(/^254(\d{3})(\d{3})(\d{3})$/, '0$1 $2 $3');

async function post(path, body, isQuiet) {
  const complain = isQuiet ? () => {} : tellTrouble;
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    complain(answer.ok ? '' : `${said.error}: ${said.hint}`);
    return answer.ok ? said : null;
  } catch {
    complain('The sandbox does not answer.');
    return null;
  }
}

function tellTrouble(text) {
  $('trouble').textContent = text;
  $('trouble').hidden = text === '';
}

const hold = (phone, held, isQuiet) => post('hold', { phone, held }, isQuiet);

// What a phone shows. Where no prompt reaches it, nothing.
const UNREACHED = new Set([
  'refuse_busy',
  'phone_off',
  'unreachable',
  'busy',
  'not_delivered',
  'not_delivered_no_reason',
  'no_receiver',
]);
const isOpen = (payment) =>
  payment.prompted &&
  payment.state === 'open' &&
  !UNREACHED.has(payment.scenario) &&
  !decided.has(payment.checkout_request_id);

function payee({ business, transaction_type: type }) {
  if (!business) return 'the shop';
  return type === 'CustomerBuyGoodsOnline' ? `till ${business}` : `business ${business}`;
}

const account = (payment, word) => (payment.reference ? ` ${word} ${payment.reference}` : '');

const NOTES = {
  cancel: 'Cancelled. No money was taken.',
  no_money: 'Not enough money in M-PESA. Nothing was taken.',
  wrong_pin: 'Wrong PIN. No money was taken.',
  time_out: 'Nobody answered, and the prompt went away.',
};

function message(payment) {
  if (payment.ending !== 'pay') {
    return make('p', 'note', NOTES[payment.ending] || `No money was taken: ${payment.ending.replaceAll('_', ' ')}.`);
  }
  const item = make('p', '', '');
  item.append(
    make('b', '', 'M-PESA'),
    `${payment.receipt} Confirmed. Ksh${payment.amount.toLocaleString('en')}.00 sent to ${payee(payment)}` +
      `${account(payment, 'for account')} on ${payment.settled_at}.`,
  );
  return item;
}

// Keeps the items of a list that are still to be shown, and adds the others at its end.
function keep(list, items) {
  const wanted = new Map(items);
  for (const item of [...list.children]) {
    if (wanted.has(item.dataset.key)) wanted.delete(item.dataset.key);
    else item.remove();
  }
  for (const [key, build] of wanted) {
    const item = build();
    item.dataset.key = key;
    list.append(item);
  }
  return wanted.size > 0;
}

function drawPhones() {
  const numbers = [...new Set([...opened.keys(), ...state.payments.map((payment) => payment.phone)])];
  const busy = new Set(state.payments.filter(isOpen).map((payment) => payment.phone));
  const group = $('phones');
  keep(
    group,
    numbers.map((phone) => [
      phone,
      () => {
        const button = make('button', '', '');
        button.addEventListener('click', () => show(phone));
        return button;
      },
    ]),
  );
  for (const button of group.children) {
    const phone = button.dataset.key;
    button.setAttribute('aria-pressed', String(phone === shown));
    const text = local(phone) + (busy.has(phone) && phone !== shown ? ' · prompt' : '');
    if (button.textContent !== text) button.textContent = text;
  }
  group.hidden = numbers.length < 2;
}

function drawPhone() {
  const own = state.payments.filter((payment) => payment.phone === shown);
  const done = own.filter((payment) => payment.state !== 'open');
  $('number').textContent = local(shown);
  $('idle-number').textContent = local(shown);
  $('hold').checked = opened.get(shown) === true;
  const fresh = keep(
    $('messages'),
    done.map((payment) => [`${payment.checkout_request_id} ${payment.ending}`, () => message(payment)]),
  );
  const payment = own.find(isOpen) || null;
  $('idle').hidden = payment !== null || done.length > 0;
  if (fresh) $('screen').scrollTop = $('screen').scrollHeight;
  drawPrompt(payment);
}

function drawPrompt(payment) {
  const dialog = $('prompt');
  const id = payment?.checkout_request_id;
  if (payment) {
    closesAt = payment.seconds_left === null ? null : Date.now() + payment.seconds_left * 1000;
    $('left').textContent = closesAt === null ? `By itself this phone does this: ${payment.about}.` : '';
  }
  if (id === prompted?.checkout_request_id) return;
  prompted = payment;
  $('prompt-form').reset();
  if (dialog.open) dialog.close();
  if (!payment) return;
  $('prompt-text').textContent =
    `Do you want to pay KES ${payment.amount.toLocaleString('en')} to ${payee(payment)}${account(payment, 'account')}?`;
  dialog.show();
  $('pin').focus();
}

function decide(ending) {
  if (!prompted) return;
  const id = prompted.checkout_request_id;
  decided.add(id);
  drawPhone();
  post(`payments/${encodeURIComponent(id)}/act`, { do: ending });
}

const NEWS = {
  prompted: ['prompt', ''],
  settled: ['phone', ''],
  called_back: ['callback', 'good'],
  callback_refused: ['callback', 'bad'],
  callback_not_sent: ['callback', 'bad'],
};

function fillLine(item, line) {
  const status = line.status === null && line.fault ? 'no answer' : (line.status ?? '');
  const isRequest = line.event === 'request';
  const [word, kind] = isRequest ? [line.step || 'request', ''] : NEWS[line.event] || [line.event, ''];
  const bad = isRequest && (line.status >= 400 || (line.status === null && line.fault));
  item.className = bad ? 'bad' : isRequest && line.status ? 'good' : kind;
  item.replaceChildren(
    make('span', 'at', `${line.at_seconds.toFixed(1)} s`),
    make('span', 'what', `${isRequest ? '→' : word === 'callback' ? '←' : '·'} ${word}`),
    Object.assign(make('span', 'text', line.text.replace(/(\S{40})\S{10,}?(:?)(?!\S)/g, '$1…$2')), {
      title: line.text,
    }),
    make('span', 'result', String(status)),
  );
  if (line.fault) item.append(make('span', 'fault', `fault: ${line.fault}`));
}

function drawLines() {
  const list = $('lines');
  const lines = new Map(state.lines.map((line) => [line.key, line]));
  const fresh = keep(
    list,
    state.lines.map((line) => [line.key, () => document.createElement('li')]),
  );
  for (const item of list.children) {
    const line = lines.get(item.dataset.key);
    const made = `${line.status} ${line.fault}`;
    if (item.dataset.made === made) continue;
    item.dataset.made = made;
    fillLine(item, line);
  }
  $('log').hidden = lines.size === 0;
  $('quiet').hidden = $('try').hidden = lines.size > 0;
  if (fresh) $('log').scrollTop = $('log').scrollHeight;
}

function drawFaults() {
  const waiting = state.faults.map(
    (fault) => `${fault.step} ${fault.kind}${fault.times === 1 ? '' : ` ×${fault.times ?? '∞'}`}`,
  );
  const text = waiting.length ? `Waiting: ${waiting.join(', ')}` : '';
  if ($('waiting').textContent !== text) $('waiting').textContent = text;
  $('clear').hidden = waiting.length === 0;
}

function draw() {
  drawPhones();
  drawPhone();
  drawLines();
  drawFaults();
}

function show(phone) {
  shown = phone;
  draw();
}

async function live() {
  let after = '';
  for (;;) {
    try {
      const answer = await fetch(`events?after=${after}`);
      if (!answer.ok) throw new Error(String(answer.status));
      state = await answer.json();
      after = state.version;
      $('connection').textContent = 'Live';
      draw();
    } catch {
      after = '';
      $('connection').textContent = 'The sandbox has stopped. Start it again, and open the address that it prints.';
      await new Promise((go) => setTimeout(go, 1000));
      continue;
    }
    // A hold ends soon after the page does, so the page says again and again that it is there.
    for (const [phone, held] of opened) if (held) await hold(phone, true, true);
  }
}

async function listFaults() {
  const { kinds } = await (await fetch('faults')).json();
  for (const { name, steps, about } of kinds) {
    for (const step of steps) {
      const option = make('option', '', `${step}: ${name.replaceAll('_', ' ')}`);
      Object.assign(option, { value: `${step} ${name}`, title: about });
      $('fault').append(option);
    }
  }
}

$('prompt-form').addEventListener('submit', (event) => {
  event.preventDefault();
  decide('pay');
});
$('prompt').addEventListener('keydown', (event) => {
  if (event.key === 'Escape') decide('cancel');
});
for (const button of document.querySelectorAll('[data-do]'))
  button.addEventListener('click', () => decide(button.dataset.do));
for (const button of document.querySelectorAll('[data-kind]')) {
  button.addEventListener('click', () => post('faults', { step: button.dataset.step, kind: button.dataset.kind }));
}
$('any-fault').addEventListener('submit', (event) => {
  event.preventDefault();
  const [step, kind] = $('fault').value.split(' ');
  post('faults', { step, kind });
});
$('clear').addEventListener('click', () => post('clear-faults', {}));
$('hold').addEventListener('change', () => {
  opened.set(shown, $('hold').checked);
  hold(shown, $('hold').checked);
});
$('open').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await hold($('other').value.replaceAll(' ', ''), true);
  if (!answer) return;
  opened.set(answer.phone, true);
  $('open').reset();
  show(answer.phone);
});
addEventListener('pagehide', () => {
  for (const [phone, held] of opened) {
    if (held)
      fetch('hold', {
        method: 'POST',
        keepalive: true,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ phone, held: false }),
      });
  }
});
addEventListener('pageshow', (event) => event.persisted && location.reload());
setInterval(() => {
  $('clock').textContent = new Date().toLocaleTimeString('en', {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    timeZone: 'Africa/Nairobi',
  });
  if (prompted && closesAt !== null)
    $('left').textContent = `The prompt closes in ${Math.max(0, Math.ceil((closesAt - Date.now()) / 1000))} s.`;
}, 500);

$('try').textContent =
  `lipia push --phone 0712345678 --amount 150 --reference INV-001 --wait --base-url ${location.origin}`;
draw();
hold(shown, true, true).then(live);
listFaults();
