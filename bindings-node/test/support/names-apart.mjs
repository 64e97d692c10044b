/** Names of the core that Node has none of the same name for, and what it has instead. */

/** Public names of the crate. */
export const NAMES_APART = {
  AccountReference: 'parseAccountReference',
  AccountRung: "the guard's limits are the core's",
  Amount: 'a number, which parseAmount checks',
  AmountRules: 'options of parseAmount, and the setting maxAmount',
  CallbackSecrets: 'the setting callbackSecrets',
  CallbackUrl: 'parseCallbackUrl',
  ClientBuilder: 'settings of the constructor',
  ClientSettings: 'settings of the constructor',
  Clock: "Node's tests use the sandbox's time scale",
  ClosedBy: "the guard's books are the core's",
  Confirm: 'the option confirm',
  ConsumerKey: 'a setting of Daraja',
  ConsumerSecret: 'a setting of Daraja',
  Credentials: 'settings of Daraja',
  CustomerMessage: 'fields of ResultCode',
  DarajaBuilder: 'settings of Daraja',
  DarajaKeys: 'settings of Daraja',
  EatTime: 'a Date',
  Environment: 'a word: sandbox or production',
  Error: 'LipiaError',
  Fit: 'a word: refuse or truncate',
  GatewayName: 'Gateway',
  Guard: 'the setting guard',
  GuardAdmission: "the guard's books are the core's",
  GuardClosing: "the guard's books are the core's",
  GuardCount: "the guard's books are the core's",
  GuardCounted: "the guard's books are the core's",
  GuardKey: "the guard's books are the core's",
  GuardLimits: "the guard's limits are the core's",
  GuardRule: "the guard's limits are the core's",
  GuardStanding: "the guard's books are the core's",
  GuardStore: "a store that several processes share is Rust's alone so far",
  GuardStoreResult: 'as GuardStore',
  GuardTally: "the guard's books are the core's",
  Keys: 'as KeysProvider',
  KeysProvider: "keys are given when the client is made; providers are for phones, and Rust's",
  ManualClock: 'as Clock',
  MemoryGuardStore: 'as GuardStore',
  Money: 'a number of cents, which parseMoney checks',
  PalPlussBuilder: 'settings of PalPluss',
  PalPlussKeys: 'settings of PalPluss',
  PalPlussTransaction: 'JSON.parse(acceptance.details)',
  PassKey: 'a setting of Daraja',
  PaymentId: 'a string',
  PhoneRun: "the guard's limits are the core's",
  Remedy: 'the subclasses of LipiaError',
  RuleTally: "the guard's books are the core's",
  Secret: 'a string that goes in and never comes out',
  ShortCode: 'a setting of Daraja',
  Step: 'what keep decides by',
  SourceAddresses: 'the settings sourceAddresses and trustedProxies',
  SystemClock: 'as Clock',
  TlsRoots: 'the settings tlsRoots and caBundle',
  TransactionDesc: 'parseTransactionDesc',
  UntilClaimed: 'for bindings',
  UpesiPayBuilder: 'settings of UpesiPay',
  UpesiPayGeneration: 'a word: 1 or 2',
  UpesiPayKeys: 'settings of UpesiPay',
  UpesiPayTransaction: 'JSON.parse(acceptance.details)',
  WaitSeconds: 'WaitOptions',
  Warning: 'Remark',
  Watch: 'PaymentWait',
  client_from_env: "fromEnv of a gateway's class",
  tell_log_lines: 'for bindings: setLogger',
};

/** What the core's clients can do. */
export const CLIENT_METHODS_APART = {
  at_rest: 'close()',
  callback_secrets: 'a setting that is given and never read back',
  forget_keys: 'keys are given when the client is made',
  gateway: 'a property of that name',
  push_and_tell: 'for bindings',
  guard: 'a guard is no object here: it is on or off, by the setting',
  wait_by_id: 'wait() takes an id as well',
  watch: 'wait() can be iterated over',
};

/** What an error tells. */
export const ERROR_GETTERS_APART = {
  remedy: 'the class of the error',
  causes: 'the chain of cause',
  retry_after: 'retryAfterSeconds',
};

/** Values of the core: what their methods are called here. */
export const RENAMED = { to_json: 'serialize', from_json: 'deserialize' };

/** Verbs that have no twin that is safe. */
export const WITHOUT_SAFE_TWIN = {
  close: 'a time that is none is all that it refuses',
};

/** Methods of clients that wait for nothing. */
export const IMMEDIATE = [
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
export const INTERNAL = ['believeSaved', 'hold', 'like'];

/** Kinds of errors that only this language has. */
export const ERROR_KINDS_OF_ITS_OWN = ['aborted'];
