/** Names of the core that Node does not have, and what it has instead. */

/** Public names of the crate. */
export const NAMES_APART = {
  AccountReference: 'parseAccountReference',
  telemetry: 'setObserver, and the entry lipia/opentelemetry',
  AccountRung: "the guard's limits are the core's",
  Amount: 'a number, which parseAmount checks',
  AmountRules: 'options of parseAmount, and the setting maxAmount',
  CallbackSecrets: 'the setting callbackSecrets',
  CallbackUrl: 'parseCallbackUrl',
  CheckPart: 'texts of CheckLine',
  CheckState: 'texts of CheckLine',
  ClientBuilder: 'settings of the constructor',
  ClientSettings: 'settings of the constructor',
  Clock: "Node's tests use the sandbox's time scale",
  ClosedBy: "the guard's books are the core's",
  Confirm: 'the option confirm',
  ConsumerKey: 'a setting of Daraja',
  ConsumerSecret: 'a setting of Daraja',
  CustomerMessage: 'fields of ResultCode and LipiaError',
  DarajaBuilder: 'settings of Daraja',
  DarajaCredentials: 'settings of Daraja',
  EatTime: 'a Date',
  Environment: 'a word: sandbox or production',
  Error: 'LipiaError',
  ErrorCode: 'a string: the code of an error',
  Fit: 'a word: refuse or truncate',
  GatewayName: 'Gateway',
  Guard: 'the setting guard',
  Admission: "the guard's books are the core's",
  Closing: "the guard's books are the core's",
  Counted: "the guard's books are the core's",
  Key: "the guard's books are the core's",
  Limits: "the guard's limits are the core's",
  Rule: "the guard's limits are the core's",
  Count: 'GuardCount',
  Standing: 'GuardStanding',
  Store: "processes that share a ledger count together there; a store of one's own is Rust's",
  StoreResult: 'as Store',
  Tally: "the guard's books are the core's",
  Credentials: 'as CredentialsProvider',
  CredentialsProvider: "credentials are given when the client is made; providers are for phones, and Rust's",
  ManualClock: 'as Clock',
  MemoryStore: 'as Store',
  Money: 'a number of cents, which parseMoney checks',
  PalPlussBuilder: 'settings of PalPluss',
  PalPlussTransaction: 'JSON.parse(acceptance.details)',
  PassKey: 'a setting of Daraja',
  CheckoutRequestId: 'a string',
  MerchantRequestId: 'a string',
  PaymentId: 'a string',
  Receipt: 'a string',
  ProcessMark: 'for bindings: Node does not fork',
  PhoneRun: "the guard's limits are the core's",
  Remedy: 'the subclasses of LipiaError',
  QuestionPace: 'the setting questionsPerMinute',
  RuleTally: "the guard's books are the core's",
  Secret: 'a string that goes in and never comes out',
  ShortCode: 'a setting of Daraja',
  PaymentStore: 'the setting ledger; for payments of your own reserve() and serialize(), before push()',
  Gain: "what Rust's stores compare two copies by; here the ledger does that",
  SourceAddresses: 'the settings sourceAddresses and trustedProxies',
  Spelling: 'for bindings: hints are spelled in JavaScript',
  SystemClock: 'as Clock',
  TlsRoots: 'the settings tlsRoots and caBundle',
  TransactionDesc: 'parseTransactionDesc',
  UntilClaimed: 'for bindings',
  parameters: 'the tables that the settings and the parts of a push are made from',
  PayHeroBuilder: 'settings of PayHero',
  QueryVersion: 'a word: v1 or v2',
  UpesiPayBuilder: 'settings of UpesiPay',
  UpesiPayGeneration: 'a word: 1 or 2',
  UpesiPayTransaction: 'JSON.parse(acceptance.details)',
  WaitSeconds: 'WaitOptions',
  Warning: 'Remark',
  Watch: 'PaymentWait',
  client_from_env: "fromEnv of a gateway's class",
  Heard: 'a handler whose promise is rejected is told again',
  LedgerPayment: 'Payment, with its order',
  Import: 'ImportOptions',
  ImportChange: 'words of Imported.change',
  Ledger: "the command line's and Rust's: a ledger without credentials",
  tell_log_lines: 'for bindings: setLogger',
  write_log_line: 'for bindings: LIPIA_LOG shows lines on stderr',
  log_to_stderr: 'LIPIA_LOG alone',
  LogLevel: 'the methods of a logger, and LIPIA_LOG',
  words: '`lipia explain CODE`',
};

/** What the core's clients can do. */
export const CLIENT_METHODS_APART = {
  callback_secrets: 'a setting that is given and never read back',
  forget_credentials: 'credentials are given when the client is made',
  gateway: 'a property of that name',
  push_and_tell: 'for bindings',
  guard: 'a guard is no object here: it is on or off, by the setting',
  wait_by_id: 'wait() takes an id as well',
  watch: 'wait() can be iterated over',
  stop: 'close() ends the background work',
  forget_handler: 'for bindings: close() takes the handler away',
  set_max_tellings: 'handlers run beside each other in the event loop',
};

/** Parts of a push that Node's has none of the same name for. */
export const PUSH_PARTS_APART = { options: 'parts of their own' };

/** Fields of the core's that are told in another way. */
export const FIELDS_APART = { overUnixSocket: "peer: 'unix'" };

/** What an error tells. */
export const ERROR_GETTERS_APART = {
  remedy: 'the class of the error',
  causes: 'the chain of cause',
  retry_after: 'retryAfterSeconds',
};

/** What the core's payments of a ledger can do that Node's cannot. */
export const PAYMENTS_APART = {
  ledger: "the command line's and Rust's: a ledger without credentials",
  of_collected: 'done by collect, whose payment has its order',
  reconcile_with: "Rust's and Django's: reconcile() has the handler that is set",
  tell: "Rust's and Django's: the tellings of a pass without its questions",
  scope: 'the settings environment and shop',
};

/** Fields of the core's search and stories that are told in another way. */
export const LEDGER_FIELDS_APART = {
  scope: 'the settings environment and shop',
  id_prefix: 'get() takes the beginning of an id',
  row: 'fields of PaymentStory',
  account: "an import is of the client's account",
};

/** Fields of a row of the ledger that are the store's own, or fields of the payment. */
export const ROW_APART = ['seq', 'version', 'scope', 'order', 'news', 'told', 'read_at'];

/** Values of the core: what their methods are called here. */
export const RENAMED = { to_json: 'serialize', from_json: 'deserialize' };

/** Verbs that have no twin that is safe. */
export const WITHOUT_SAFE_TWIN = {
  close: 'a time that is none is all that it refuses',
  drain: 'a time that is none is all that it refuses',
};

/** Methods of clients that wait for nothing. */
export const IMMEDIATE = [
  'onOutcome',
  'start',
  'reserve',
  'reserveSafe',
  'resume',
  'find',
  'unclaimed',
  'parseCallback',
  'parseCallbackSafe',
  'withOptions',
];

/** Methods of clients that are the package's own, and are in no declaration. */
export const INTERNAL = ['like'];

/** Kinds of errors that only this language has. */
export const ERROR_KINDS_OF_ITS_OWN = ['aborted'];
