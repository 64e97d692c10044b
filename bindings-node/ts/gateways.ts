/** The clients, one class for each gateway. */

import { Client } from './client';
import type { NativeClient } from './native';
import type {
  DarajaPush,
  DarajaSettings,
  PalPlussPush,
  PalPlussSettings,
  PayHeroPush,
  PayHeroSettings,
  UpesiPayPush,
  UpesiPaySettings,
} from './parameters';
import type { Environ } from './settings';

/** A client that exists already, where a constructor expects settings. */
class Made {
  constructor(readonly native: NativeClient) {}
}

/** Settings of the constructor, and the environment in place of `process.env`. */
class FromEnvironment {
  constructor(
    readonly settings: object,
    readonly environ: Environ,
  ) {}
}

/** The arguments that a constructor of this file really gets. */
type Given = [settings: unknown, environ: Environ | null, native?: NativeClient];

function given(settings: unknown): Given {
  if (settings instanceof Made) return [{}, null, settings.native];
  if (settings instanceof FromEnvironment) return [settings.settings, settings.environ];
  return [settings, null];
}

/**
 * A client of Daraja, Safaricom's own API.
 *
 * @example
 * const daraja = Daraja.fromEnv();
 * const payment = await daraja.collect({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
 */
export class Daraja extends Client<DarajaPush> {
  readonly gateway = 'daraja';

  /**
   * Makes a client. Starts neither a thread nor a connection.
   *
   * @throws {CorrectSettingsError} a setting is missing or not valid; `field` names it.
   * @throws {CorrectInputError} the value of a setting is not valid; `field` names it.
   */
  constructor(settings: DarajaSettings) {
    super('daraja', ...given(settings));
  }

  /**
   * Makes a client from `MPESA_CONSUMER_KEY`, `MPESA_CONSUMER_SECRET`, `MPESA_SHORTCODE`, `MPESA_PASSKEY` and, where set,
   * `MPESA_ENVIRONMENT`, `MPESA_CALLBACK_URL`, `MPESA_BASE_URL`, `MPESA_QUERY_VERSION`, `MPESA_TRANSACTION_TYPE`,
   * `MPESA_TILL_NUMBER`, `LIPIA_LEDGER` and `LIPIA_SPOOL`. Where a till number is set and a transaction type is not, the
   * type is `CustomerBuyGoodsOnline`.
   *
   * @param settings settings of the constructor, which override the variables.
   * @param environ the variables to read in place of `process.env`.
   * @throws {CorrectSettingsError} a variable is missing or not valid; the message names it.
   */
  static fromEnv(settings: Partial<DarajaSettings> = {}, environ: Environ = process.env): Daraja {
    return new this(new FromEnvironment(settings, environ) as unknown as DarajaSettings);
  }

  /** @internal */
  protected override like(native: NativeClient): this {
    return darajaOf(native) as this;
  }
}

/**
 * A client of PalPluss. Its webhooks are unsigned: every success is confirmed by a query before it is believed.
 *
 * @example
 * const palpluss = PalPluss.fromEnv();
 * const payment = await palpluss.collect({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
 */
export class PalPluss extends Client<PalPlussPush> {
  readonly gateway = 'palpluss';

  /**
   * Makes a client. Starts neither a thread nor a connection.
   *
   * @throws {CorrectSettingsError} a setting is missing or not valid; `field` names it.
   * @throws {CorrectInputError} the value of a setting is not valid; `field` names it.
   */
  constructor(settings: PalPlussSettings) {
    super('palpluss', ...given(settings));
  }

  /**
   * Makes a client from `PALPLUSS_API_KEY` and, where set, `PALPLUSS_BASE_URL`, `MPESA_CALLBACK_URL`, `MPESA_ENVIRONMENT`,
   * `LIPIA_LEDGER` and `LIPIA_SPOOL`.
   *
   * @param settings settings of the constructor, which override the variables.
   * @param environ the variables to read in place of `process.env`.
   * @throws {CorrectSettingsError} a variable is missing or not valid; the message names it.
   */
  static fromEnv(settings: Partial<PalPlussSettings> = {}, environ: Environ = process.env): PalPluss {
    return new this(new FromEnvironment(settings, environ) as unknown as PalPlussSettings);
  }

  /** @internal */
  protected override like(native: NativeClient): this {
    return palplussOf(native) as this;
  }
}

/**
 * A client of UpesiPay. Its callbacks are unsigned: every success is confirmed by a query before it is believed.
 *
 * @example
 * const upesipay = UpesiPay.fromEnv();
 * const payment = await upesipay.collect({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
 */
export class UpesiPay extends Client<UpesiPayPush> {
  readonly gateway = 'upesipay';

  /**
   * Makes a client. Starts neither a thread nor a connection.
   *
   * @throws {CorrectSettingsError} a setting is missing or not valid; `field` names it.
   * @throws {CorrectInputError} the value of a setting is not valid; `field` names it.
   */
  constructor(settings: UpesiPaySettings) {
    super('upesipay', ...given(settings));
  }

  /**
   * Makes a client from `UPESIPAY_AUTH_TOKEN` (or `UPESIPAY_USERNAME` and `UPESIPAY_PASSWORD`) and, where set,
   * `UPESIPAY_CHANNEL_ID`, `UPESIPAY_GENERATION`, `UPESIPAY_BASE_URL`, `MPESA_CALLBACK_URL`, `MPESA_ENVIRONMENT`,
   * `LIPIA_LEDGER` and `LIPIA_SPOOL`.
   *
   * @param settings settings of the constructor, which override the variables.
   * @param environ the variables to read in place of `process.env`.
   * @throws {CorrectSettingsError} a variable is missing or not valid; the message names it.
   */
  static fromEnv(settings: Partial<UpesiPaySettings> = {}, environ: Environ = process.env): UpesiPay {
    return new this(new FromEnvironment(settings, environ) as unknown as UpesiPaySettings);
  }

  /** @internal */
  protected override like(native: NativeClient): this {
    return upesipayOf(native) as this;
  }
}

/**
 * A client of PayHero, which speaks the first generation of UpesiPay's interface. Its callbacks are unsigned: every success is
 * confirmed by a query before it is believed.
 *
 * @example
 * const payhero = PayHero.fromEnv();
 * const payment = await payhero.collect({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
 */
export class PayHero extends Client<PayHeroPush> {
  readonly gateway = 'payhero';

  /**
   * Makes a client. Starts neither a thread nor a connection.
   *
   * @throws {CorrectSettingsError} a setting is missing or not valid; `field` names it.
   * @throws {CorrectInputError} the value of a setting is not valid; `field` names it.
   */
  constructor(settings: PayHeroSettings) {
    super('payhero', ...given(settings));
  }

  /**
   * Makes a client from `PAYHERO_BASE_URL`, `PAYHERO_AUTH_TOKEN` (or `PAYHERO_USERNAME` and `PAYHERO_PASSWORD`) and, where
   * set, `PAYHERO_CHANNEL_ID`, `MPESA_CALLBACK_URL`, `MPESA_ENVIRONMENT`, `LIPIA_LEDGER` and `LIPIA_SPOOL`.
   *
   * @param settings settings of the constructor, which override the variables.
   * @param environ the variables to read in place of `process.env`.
   * @throws {CorrectSettingsError} a variable is missing or not valid; the message names it.
   */
  static fromEnv(settings: Partial<PayHeroSettings> = {}, environ: Environ = process.env): PayHero {
    return new this(new FromEnvironment(settings, environ) as unknown as PayHeroSettings);
  }

  /** @internal */
  protected override like(native: NativeClient): this {
    return payheroOf(native) as this;
  }
}

function darajaOf(native: NativeClient): Daraja {
  return new Daraja(new Made(native) as unknown as DarajaSettings);
}

function palplussOf(native: NativeClient): PalPluss {
  return new PalPluss(new Made(native) as unknown as PalPlussSettings);
}

function upesipayOf(native: NativeClient): UpesiPay {
  return new UpesiPay(new Made(native) as unknown as UpesiPaySettings);
}

function payheroOf(native: NativeClient): PayHero {
  return new PayHero(new Made(native) as unknown as PayHeroSettings);
}
